package org.tantra.host.cli;

import java.lang.reflect.InvocationTargetException;

/// Adds the module `jdk.incubator.vector` to the running JVM.
///
/// With `--add-modules` the JVM would do it at start, but then prints a warning that no option
/// turns off. The JDK adds modules late by itself, such as `jdk.management.agent`, by a method that
/// the launcher opens with `--add-exports java.base/jdk.internal.module=ALL-UNNAMED`. Vector code
/// compiles to the same instructions either way.
final class VectorModule {
  static final String NAME = "jdk.incubator.vector";

  private VectorModule() {}

  /// Makes the module's classes visible, unless they already are.
  ///
  /// @return whether they are now; kernels compute with plain loops otherwise
  static boolean load() {
    if (ModuleLayer.boot().findModule(NAME).isPresent()) {
      return true;
    }
    try {
      Class.forName("jdk.internal.module.Modules")
          .getMethod("loadModule", String.class)
          .invoke(null, NAME);
      return true;
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | IllegalAccessException
        | InvocationTargetException _) {
      return false; // another JDK, or started without the launcher's options
    }
  }
}
