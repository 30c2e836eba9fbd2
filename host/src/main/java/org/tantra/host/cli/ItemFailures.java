package org.tantra.host.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.InputFile;

/// What is wrong with some of the items a command was given, while it goes on with the others: each
/// failure is told at once, and the command ends with the exit code of the first.
final class ItemFailures {
  private final TantraCli tantra;
  private final int items;
  private final Map<String, TantraException> failures = new LinkedHashMap<>();

  /// @param items how many the command was given
  ItemFailures(TantraCli tantra, int items) {
    this.tantra = tantra;
    this.items = items;
  }

  /// Tells what is wrong with an item.
  ///
  /// @param item as the user named it
  /// @throws TantraException the error itself if there is no other item, or if the user wants the
  ///   command to end
  void add(String item, TantraException error) {
    TantraException named = InputFile.named(item, error);
    if (items == 1 || error.kind() == ErrorKind.CANCELLED) {
      throw named;
    }
    Failures.tell(tantra, named);
    failures.putIfAbsent(item, named);
  }

  /// A failed item, as JSON shows it.
  ///
  /// @param key what the document calls the item
  Map<String, Object> document(String key, String item) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put(key, item);
    TantraException failure = failures.get(item);
    if (failure != null) {
      document.put("error", Failures.document(failure));
    }
    return document;
  }

  int exitCode() {
    return failures.values().stream()
        .findFirst()
        .map(first -> ExitCode.of(first.kind()))
        .orElse(ExitCode.OK);
  }
}
