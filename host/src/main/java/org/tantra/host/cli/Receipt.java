package org.tantra.host.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.Served;

/// Who answered a command, for people and as JSON.
final class Receipt {
  private Receipt() {}

  /// Says on stderr that a stand-in answers and why, and that nobody has trained it.
  ///
  /// @param meaningless what is not to be relied on then: `its words mean nothing`
  static void tell(Console console, Served served, String meaningless) {
    if (served.byStandIn()) {
      console
          .err()
          .println("tantra: " + served.model() + " stands in for " + served.requested() + ".");
      for (Attempt attempt : served.attempts()) {
        console
            .err()
            .println(
                "  " + attempt.model() + ": " + attempt.kind().code() + ": " + attempt.reason());
      }
    }
    if (served.untrained()) {
      console
          .err()
          .println(
              "tantra: nobody has trained the weights of "
                  + served.model()
                  + "; "
                  + meaningless
                  + ".");
    }
  }

  /// The beginning of every answer's document.
  static Map<String, Object> document(Served served) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", served.requested());
    document.put("served_by", served.model());
    document.put("plugin", served.plugin().toString());
    document.put("system_fingerprint", served.systemFingerprint());
    document.put("untrained", served.untrained());
    document.put("attempts", Failures.attempts(served.attempts()));
    return document;
  }
}
