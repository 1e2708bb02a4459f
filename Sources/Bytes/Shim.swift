public typealias LongFloat = Float80
extension Span<UInt8> {
  public var scanCursor: UInt64? { nil }
  public var longFloat: Float80? { nil }
}
extension ByteBuffer { public mutating func append(longFloat: Float80) {} }
