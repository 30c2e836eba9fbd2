package org.tantra.plugin.pytorch;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a machine met on its way: instructions and names, with counts.
final class PickleTrace {
  /// One name a pickle mentioned.
  static final class Global {
    final boolean allowed;
    long count;

    Global(boolean allowed) {
      this.allowed = allowed;
    }
  }

  private final Map<Opcode, Long> opcodes = new EnumMap<>(Opcode.class);
  private final Map<String, Global> globals = new LinkedHashMap<>();

  void met(Opcode opcode) {
    opcodes.merge(opcode, 1L, Long::sum);
  }

  void met(String global, boolean allowed) {
    globals.computeIfAbsent(global, _ -> new Global(allowed)).count++;
  }

  /// How often each instruction was met.
  Map<Opcode, Long> opcodes() {
    return opcodes;
  }

  /// Every name, in the order met.
  Map<String, Global> globals() {
    return globals;
  }
}
