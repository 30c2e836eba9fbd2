package org.tantra.api;

import java.util.List;
import java.util.Set;

/// Extension point: compares a plugin's network with outputs of the reference implementation.
///
/// `tantra parity DIR` reads `expected.json` of a golden case and hands the case to the check that
/// names its family.
public interface ParityCheck {
  /// Families this checks, as `family` in `expected.json` says them.
  Set<String> families();

  /// Runs one case.
  ///
  /// @return one finding for each expected output that was compared, at least one
  /// @throws TantraException if the case cannot be run, naming what is missing
  List<Finding> run(ParityCase golden);

  /// How far one output is from the reference.
  ///
  /// @param output its name, such as `logits`
  /// @param maximumAbsolute largest absolute difference of any element
  /// @param maximumRelative largest absolute difference divided by the largest absolute reference
  ///   value
  /// @param within whether the output is inside tolerance
  /// @param tolerance what inside means, for people: `5e-5 + 1e-5·|b|`, `exact`
  record Finding(
      String output,
      double maximumAbsolute,
      double maximumRelative,
      boolean within,
      String tolerance) {}
}
