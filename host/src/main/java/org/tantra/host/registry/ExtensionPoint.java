package org.tantra.host.registry;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.tantra.api.Encoder;
import org.tantra.api.Model;
import org.tantra.api.ParityCheck;
import org.tantra.api.WeightFormat;

/// One interface of the api that plugins implement.
///
/// @param type the interface
/// @param ids under which ids an extension is found; asks the extension, so it runs plugin code
record ExtensionPoint<T>(Class<T> type, Function<T, Set<String>> ids) {
  static final List<ExtensionPoint<?>> ALL =
      List.of(
          new ExtensionPoint<>(Model.class, model -> Set.of(model.info().id())),
          new ExtensionPoint<>(Encoder.class, encoder -> Set.of(encoder.info().id())),
          new ExtensionPoint<>(WeightFormat.class, format -> Set.of(format.info().id())),
          new ExtensionPoint<>(ParityCheck.class, check -> Set.copyOf(check.families())));

  /// For messages.
  static List<String> names() {
    return ALL.stream().map(point -> point.type().getName()).toList();
  }
}
