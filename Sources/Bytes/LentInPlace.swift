// The compiler lends a struct whose layout it knows by copying it to the stack first, if it is too large for registers:
// for a struct of a kilobyte that costs over a hundred instructions at every call. What it cannot copy bit by bit it
// lends by address. An existential is such a thing, and so is every struct that holds one.

/// A field that makes the struct around it be lent by its address, and never copied to be lent.
public struct LentInPlace {
  private let unused: Any? = nil

  /// Creates the field.
  public init() {}
}
