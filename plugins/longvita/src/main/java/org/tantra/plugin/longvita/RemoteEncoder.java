package org.tantra.plugin.longvita;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.tantra.api.Encoder;
import org.tantra.api.EncoderInfo;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Modality;
import org.tantra.api.Needs;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.SharedSpace;

/// The extension `longvita-remote`: the vision encoder behind somebody's HTTP API, first stand-in
/// of `longvita`.
///
/// `Config/longvita-remote.yaml` names it: `model.base_url`, and if needed `model.api_key` or
/// `model.api_key_env` (an environment variable that holds it), `model.name`,
/// `model.timeout_seconds`, `model.retries`. Without an address it declines, so nothing is sent
/// anywhere unasked.
public final class RemoteEncoder implements Encoder {
  static final String ID = "longvita-remote";

  /// Enough for a picture on a busy server, not so long that a caller gives up before the stand-in.
  private static final int USUAL_SECONDS = 20;

  private static final int USUAL_RETRIES = 2;

  @Override
  public EncoderInfo info() {
    return new EncoderInfo(
        ID,
        "Long-VITA vision encoder behind an HTTP API",
        Set.of(Modality.IMAGE, Modality.VIDEO),
        SharedSpace.WIDTH,
        new Needs(false, 0, true, false),
        List.of("vision-lite"));
  }

  @Override
  public LoadedEncoder load(LoadContext context) {
    Settings model = context.settings().section("model");
    String base = model.text("base_url", "");
    if (base.isEmpty()) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "'%s' has no address. Name one as model.base_url in Config/%s.yaml.".formatted(ID, ID));
    }
    int seconds = model.integer("timeout_seconds", USUAL_SECONDS);
    int retries = model.integer("retries", USUAL_RETRIES);
    if (seconds < 1 || seconds > 3600 || retries < 0 || retries > 10) {
      throw new TantraException(
          ErrorKind.INVALID,
          "Config/%s.yaml: model.timeout_seconds is %d and model.retries %d; 1 to 3600 and 0 to 10 are possible."
              .formatted(ID, seconds, retries));
    }
    return new RemoteVision(
        new RemoteVision.Place(
            address(base),
            key(model),
            model.text("name", "longvita"),
            Duration.ofSeconds(seconds),
            retries));
  }

  private static URI address(String base) {
    try {
      URI uri = URI.create(base.endsWith("/") ? base + "embeddings" : base + "/embeddings");
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException _) {
      // Told below, with the other ways in which an address can be wrong.
    }
    throw new TantraException(
        ErrorKind.INVALID,
        "Config/%s.yaml: model.base_url is '%s'; it must be an address such as http://127.0.0.1:8000/v1."
            .formatted(ID, base));
  }

  private static String key(Settings model) {
    String variable = model.text("api_key_env", "");
    String fromEnvironment = variable.isEmpty() ? null : System.getenv(variable);
    return fromEnvironment != null ? fromEnvironment : model.text("api_key", "");
  }
}
