// `import GnomonLayers` gives the layers and the whole expression language.
@_exported public import Gnomon
