package org.tantra.plugin.pytorch;

import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.tantra.api.TantraException;

/// Number arguments of pickle instructions that are more than a fixed-size field.
final class PickleNumbers {
  private static final int MAXIMUM_BYTES = 1024;
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,2000}");
  private static final Pattern REAL =
      Pattern.compile("[+-]?([0-9]{1,400}\\.?[0-9]{0,400}([eE][+-]?[0-9]{1,9})?|inf|nan)");

  private final PickleInput input;
  private final Refusal refusal;

  PickleNumbers(PickleInput input, Refusal refusal) {
    this.input = input;
    this.refusal = refusal;
  }

  Value read(Opcode opcode) {
    return switch (opcode) {
      case LONG1 -> twosComplement(input.u8());
      case LONG4 -> twosComplement(input.i32());
      case INT -> {
        String line = input.line();
        yield switch (line) {
          case "00" -> new Value.Bool(false);
          case "01" -> new Value.Bool(true);
          default -> integer(line);
        };
      }
      case LONG -> {
        String line = input.line();
        yield integer(line.endsWith("L") ? line.substring(0, line.length() - 1) : line);
      }
      case FLOAT -> real(input.line());
      default -> throw new AssertionError(opcode + " is no number");
    };
  }

  /// A memo index in decimal.
  long index() {
    if (integer(input.line()) instanceof Value.Int(var index) && index >= 0) {
      return index;
    }
    throw malformed("a memo index is out of range");
  }

  private Value twosComplement(int length) {
    if (length < 0 || length > MAXIMUM_BYTES) {
      throw malformed("an integer has " + length + " bytes");
    }
    byte[] bigEndian = new byte[length];
    byte[] littleEndian = input.take(length).toArray(ValueLayout.JAVA_BYTE);
    for (int i = 0; i < length; i++) {
      bigEndian[i] = littleEndian[length - 1 - i];
    }
    return length == 0 ? new Value.Int(0) : fit(new BigInteger(bigEndian));
  }

  private Value integer(String text) {
    if (!INTEGER.matcher(text).matches()) {
      throw malformed("'" + text + "' is not an integer");
    }
    return fit(new BigInteger(text));
  }

  private static Value fit(BigInteger value) {
    return value.bitLength() < Long.SIZE
        ? new Value.Int(value.longValue())
        : new Value.BigInt(value);
  }

  private Value real(String text) {
    if (!REAL.matcher(text).matches()) {
      throw malformed("'" + text + "' is not a number");
    }
    String java = text.replace("inf", "Infinity").replace("nan", "NaN");
    return new Value.Real(Double.parseDouble(java));
  }

  private TantraException malformed(String what) {
    return refusal.because("malformed-pickle", what);
  }
}
