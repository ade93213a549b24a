internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// Gradients of convolutions by their windows, from tiles of 2 × 2 points, see `Winograd`.
//
//     parallel over parts of all tiles            as many for one worker as for many
//       for each strip of tiles in the part
//         transform the data and the points under each tile
//         for each of 16 elements: sums += dataᵀ × points
//     parallel over the channels
//       add up the parts; transform the sums to windows
//       unless all are finite: the windows from data and points as they are
//       the other stages, and the results
extension TileSchedule {
  /// `A`, from the points of a tile.
  private static func transformPoints(_ b: inout NestBuilder, _ y: [Register]) -> [Register] {
    [
      y[0], b.op(.add, .float32, y[0], y[1]), b.op(.subtract, .float32, y[0], y[1]),
      b.op(.negate, .float32, y[1]),
    ]
  }

  /// `Gᵀ`, to a window.
  private static func transformToWindow(_ b: inout NestBuilder, _ m: [Register]) -> [Register] {
    let half = b.half
    let sum = b.op(.multiply, .float32, b.op(.add, .float32, m[1], m[2]), half)
    let difference = b.op(.multiply, .float32, b.op(.subtract, .float32, m[1], m[2]), half)
    return [b.op(.add, .float32, m[0], sum), difference, b.op(.add, .float32, sum, m[3])]
  }

  /// Parts of the tiles whose sums are apart: more than the workers of most machines.
  private static let mostParts = 16
  private static let mostPartBytes = 16 << 20

  mutating func windowStatements(_ w: Winograd) -> [Statement] {
    let size = Winograd.elements * w.sumsPlane(group)
    let most = max(2, min(Self.mostParts, Self.mostPartBytes / (4 * size)))
    // An empty batch has one strip without tiles, whose sums are zero.
    let strips = Dim.maximum(w.tileCount(group).divided(by: w.strip), 1)
    let parts = Dim.minimum(Dim(most), strips)
    let sums = temporary(.float32, parts * Dim(size), "parts", perWorker: false)
    return [
      sumsOfParts(w, parts: parts, strips: strips, size: Dim(size), into: sums),
      windows(w, parts: parts, size: Dim(size), sums),
    ]
  }

  private mutating func sumsOfParts(
    _ w: Winograd, parts: Dim, strips: Dim, size: Dim, into sums: Int
  ) -> Statement {
    let lanes = Winograd.lanes
    let data = temporary(
      .float32, Dim(Winograd.elements * w.plane(w.paddedChannels(group))), "data")
    let points = temporary(
      .float32, Dim(Winograd.elements * w.plane(w.paddedColumns(group))), "points")
    let tiles = w.tileCount(group)
    let lower = newAxis()
    let upper = newAxis()
    let part = newAxis()
    let number = newAxis()
    let body = block { schedule in
      schedule.loop(part, from: .axis(lower), to: .axis(upper)) { schedule in
        let place = schedule.newAxis()
        schedule.loop(place, to: size, step: lanes) { schedule in
          let zero = schedule.b.pure(.constant(0), .float32, lanes: lanes, [])
          schedule.b.append(
            .store(zero, to: Statement.Access(sums, .axis(part) * size + .axis(place))))
        }
        let from = (Dim.axis(part) * strips).quotient(dividingBy: parts)
        let to = ((Dim.axis(part) + 1) * strips).quotient(dividingBy: parts)
        schedule.loop(number, from: from, to: to) { schedule in
          let first = schedule.newAxis()
          let count = schedule.newAxis()
          schedule.b.append(.bind(first, .axis(number) * Dim(w.strip)))
          schedule.b.append(
            .bind(count, Dim.minimum(tiles - .axis(first), Dim(w.strip))))
          schedule.emitData(w, first: .axis(first), count: .axis(count), into: data)
          schedule.emitPoints(w, first: .axis(first), count: .axis(count), into: points)
          schedule.emitOuterProducts(
            w, data, points, count: .axis(count), into: sums, at: .axis(part) * size)
        }
      }
    }
    return .parallel(
      Statement.Parallel(lower: lower, upper: upper, count: parts, cost: cost, body))
  }

  /// The transformed points of a strip's tiles: `[element][tile][column]`. Those that the tile before has
  /// count as zero.
  private mutating func emitPoints(_ w: Winograd, first: Dim, count: Dim, into memory: Int) {
    let width = Dim(w.paddedColumns(group))
    let plane = w.plane(w.paddedColumns(group))
    let lanes = Winograd.lanes
    let tile = newAxis()
    func store(_ schedule: inout TileSchedule, _ e: Int, _ x: Register) {
      let place = Dim(e * plane) + .axis(tile) * width + .axis(w.column)
      schedule.b.append(.store(x, to: Statement.Access(memory, place)))
    }
    loop(tile, to: count) { schedule in
      let done = schedule.bindTile(w, first + .axis(tile))
      schedule.emitVectors(w.column) { schedule, active in
        let transformed = schedule.transform(2, Self.transformPoints) { schedule, i, j in
          let value = schedule.factor(
            w.other, moved: [(w.sides[0].point, i), (w.sides[1].point, j)], along: w.column,
            lanes: lanes, active: active)
          return schedule.masked(value, where: [Dim(i) - done[0], Dim(j) - done[1]])
        }
        schedule.prefetchTile(w, w.other, at: 0..<2)
        for (e, x) in transformed.joined().enumerated() { store(&schedule, e, x) }
      }
      schedule.emitPadding(w, store)
    }
  }

  /// A value, or zero where one of some expressions is negative.
  private mutating func masked(_ value: Register, where conditions: [Dim]) -> Register {
    var value = value
    let lanes = Winograd.lanes
    for d in conditions where (d.constant ?? -1) < 0 {
      let zero = b.pure(.constant(0), .float32, lanes: lanes, [])
      let place = b.define(.int64, lanes: 1, .index(d, step: 0))
      let isNegative = b.op(.less, .bool, place, b.pure(.constant(0), .int64, lanes: 1, []))
      value = b.define(
        .float32, lanes: lanes, .op(.select, [b.wide(isNegative, lanes), zero, value]))
    }
    return value
  }

  /// `sums[element][channel][column] += Σ data[element][tile][channel] * points[element][tile][column]`
  private mutating func emitOuterProducts(
    _ w: Winograd, _ data: Int, _ points: Int, count: Dim, into memory: Int, at start: Dim
  ) {
    let lanes = Winograd.lanes
    let (columns, channels) = (w.paddedColumns(group), w.paddedChannels(group))
    let width = Dim(columns)
    let (element, panel, band, tile) = (newAxis(), newAxis(), newAxis(), newAxis())
    let panels = w.panels(group)
    let column = panels == 1 ? Dim(0) : .axis(panel) * Dim(w.columns * lanes)
    let row = Dim.axis(band) * Dim(w.rows)
    func emitPanel(_ schedule: inout TileSchedule) {
      // Beyond the last channel sums stay zero.
      let bands = (w.channels(schedule.group) + w.rows - 1) / w.rows
      schedule.loop(band, to: Dim(bands)) { schedule in
        func place(_ i: Int, _ j: Int) -> Statement.Access {
          let line = .axis(element) * Dim(w.sumsPlane(schedule.group)) + (row + Dim(i)) * width
          return Statement.Access(memory, start + line + column + Dim(j * lanes))
        }
        let totals = schedule.zeros(w)
        for i in 0..<w.rows {
          for j in 0..<w.columns { schedule.b.assign(totals[i][j], .load(place(i, j))) }
        }
        schedule.loop(tile, to: count) { schedule in
          func place(_ width: Int) -> Dim {
            .axis(element) * Dim(w.plane(width)) + .axis(tile) * Dim(width)
          }
          schedule.emitProducts(
            w, totals,
            row: { Statement.Access(data, place(channels) + row + Dim($0), stride: 0) },
            column: {
              Statement.Access(
                points, place(columns) + column + Dim($0 * lanes))
            })
        }
        for i in 0..<w.rows {
          for j in 0..<w.columns { schedule.b.append(.store(totals[i][j], to: place(i, j))) }
        }
      }
    }
    loop(element, to: Dim(Winograd.elements)) { schedule in
      if panels == 1 {
        emitPanel(&schedule)
      } else {
        schedule.loop(panel, to: Dim(panels), emitPanel)
      }
    }
  }

  // MARK: - Windows

  private mutating func windows(_ w: Winograd, parts: Dim, size: Dim, _ sums: Int) -> Statement {
    let lanes = Winograd.lanes
    let width = Dim(w.paddedColumns(group))
    let plane = w.sumsPlane(group)
    let memory = temporary(.float32, 9 * width, "window")
    let (lower, upper, channel) = (newAxis(), newAxis(), newAxis())
    let (column, part, i, j) = (newAxis(), newAxis(), newAxis(), newAxis())
    let body = block { schedule in
      schedule.loop(channel, from: .axis(lower), to: .axis(upper)) { schedule in
        let check = schedule.b.variable(.float32, lanes: lanes, bits: 0)
        schedule.loop(column, to: width, step: lanes) { schedule in
          let transformed = schedule.transform(4, Self.transformToWindow) { schedule, i, j in
            let place = Dim((i * 4 + j) * plane) + .axis(channel) * width + .axis(column)
            let total = schedule.b.mutableLoad(
              .float32, lanes: lanes, Statement.Access(sums, place))
            schedule.loop(part, from: 1, to: parts) { schedule in
              let next = schedule.b.define(
                .float32, lanes: lanes,
                .load(Statement.Access(sums, .axis(part) * size + place)))
              schedule.b.assign(total, .op(.add, [total, next]))
            }
            schedule.b.join([[total]], into: check)
            return total
          }
          for (e, x) in transformed.joined().enumerated() {
            schedule.b.append(
              .store(x, to: Statement.Access(memory, Dim(e) * width + .axis(column))))
          }
        }
        let isBad = schedule.b.isNotFinite(check)
        let direct = schedule.block { schedule in
          schedule.b.append(.bind(w.channel, .axis(channel)))
          schedule.loop(w.sides[0].window, to: 3) { schedule in
            schedule.loop(w.sides[1].window, to: 3) { schedule in
              schedule.emitVectors(w.column) { schedule, active in
                let total = schedule.directSum(
                  w, over: w.outer + w.sides.map(\.point), active: active)
                let window = .axis(w.sides[0].window) * 3 + .axis(w.sides[1].window)
                schedule.b.append(
                  .store(
                    total, to: Statement.Access(memory, window * width + .axis(w.column))))
              }
            }
          }
        }
        schedule.append(direct, where: isBad - 1)
        schedule.loop(i, to: 3) { schedule in
          schedule.loop(j, to: 3) { schedule in
            schedule.b.append(.bind(w.sides[0].window, .axis(i)))
            schedule.b.append(.bind(w.sides[1].window, .axis(j)))
            schedule.emitRow(
              row: .axis(channel), height: 1, from: memory, at: (.axis(i) * 3 + .axis(j)) * width)
          }
        }
      }
    }
    let count = w.channels(group)
    return .parallel(
      Statement.Parallel(
        lower: lower, upper: upper, count: Dim(count),
        cost: (parts * size).quotient(dividingBy: 16), body))
  }
}
