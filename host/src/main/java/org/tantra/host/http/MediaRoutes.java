package org.tantra.host.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TextRecognition;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.Host;
import org.tantra.host.resolve.Result;

/// `POST /v1/embeddings` and `POST /v1/ocr`: answers that come in one piece.
///
/// `input` of embeddings is a text or several as with OpenAI; beyond that an item may be an object
/// with one of `text`, `image`, `audio` and `video`, the file as a data URL, base64, or an address
/// that `http.remote-media` lists.
final class MediaRoutes {
  /// As many as OpenAI takes.
  private static final int MAXIMUM_INPUTS = 2048;

  /// A run of letters and digits.
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+");

  private final Host host;
  private final Inside inside;
  private final RemoteFiles remote;

  MediaRoutes(Host host, Inside inside, RemoteFiles remote) {
    this.host = host;
    this.inside = inside;
    this.remote = remote;
  }

  void embeddings(Exchange exchange) {
    Fields fields = exchange.fields();
    Ticket ticket = Ticket.of(exchange, fields);
    List<Media> items = items(fields, new SentFiles(remote, exchange));
    boolean base64 =
        switch (fields.text("encoding_format")) {
          case null -> false;
          case "float" -> false;
          case "base64" -> true;
          default -> throw fields.wrong("encoding_format", "'float' or 'base64'");
        };
    Result<List<TensorView>> result = inside.whole(exchange, () -> host.embed(ticket.call(items)));
    requireWidth(fields, result.value().getFirst());
    ObjectNode node = Json.object();
    node.put("object", "list");
    ArrayNode data = node.putArray("data");
    for (int i = 0; i < items.size(); i++) {
      ObjectNode entry = data.addObject();
      entry.put("object", "embedding");
      entry.put("index", i);
      entry.set("embedding", shown(result.value().get(i).toFloats(), base64));
    }
    node.put("model", result.served().model());
    long words = items.stream().mapToLong(MediaRoutes::words).sum();
    node.putObject("usage").put("prompt_tokens", words).put("total_tokens", words);
    ticket.head(result.served()).answer(exchange, node);
  }

  /// Words of a text, which stand for tokens: encoders have no tokenizer in common, and some none
  /// at all. Files have none.
  private static long words(Media item) {
    return item instanceof Media.Text(String text) ? WORD.matcher(text).results().count() : 0;
  }

  private static void requireWidth(Fields fields, TensorView vector) {
    Integer wanted = fields.integer("dimensions");
    if (wanted != null && wanted != vector.shape().elements()) {
      throw fields.refuse(
          "dimensions",
          "'dimensions' is %d; embeddings of this host have %d and are not shortened."
              .formatted(wanted, vector.shape().elements()));
    }
  }

  private static JsonNode shown(float[] vector, boolean base64) {
    if (!base64) {
      ArrayNode numbers = Json.array();
      for (float value : vector) {
        numbers.add(value);
      }
      return numbers;
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return Json.array().textNode(Base64.getEncoder().encodeToString(bytes.array()));
  }

  private static List<Media> items(Fields fields, SentFiles files) {
    JsonNode input = fields.value("input");
    if (input == null) {
      throw fields.missing("input");
    }
    if (input.isTextual()) {
      return List.of(new Media.Text(input.textValue()));
    }
    if (input.isObject()) {
      Fields item = fields.object("input");
      return List.of(item(item == null ? fields : item, files));
    }
    if (!input.isArray() || input.isEmpty() || input.size() > MAXIMUM_INPUTS) {
      throw fields.refuse(
          "input",
          "'input' is %s; a text, an object, or an array of 1 to %d of them is expected."
              .formatted(
                  input.isArray() ? "an array of " + input.size() : Json.kind(input),
                  MAXIMUM_INPUTS));
    }
    if (input.get(0).isTextual()) {
      return fields.texts("input").stream().<Media>map(Media.Text::new).toList();
    }
    if (input.get(0).isNumber() || input.get(0).isArray()) {
      throw fields.unsupported(
          "input",
          "'input' holds token ids; encoders of this host have tokenizers of their own. Send"
              + " text.");
    }
    return fields.objects("input").stream().map(item -> item(item, files)).toList();
  }

  private static Media item(Fields item, SentFiles files) {
    List<Media> found = new ArrayList<>();
    String text = item.text("text");
    if (text != null) {
      found.add(new Media.Text(text));
    }
    for (Modality modality : List.of(Modality.IMAGE, Modality.AUDIO, Modality.VIDEO)) {
      String name = modality.name().toLowerCase(Locale.ROOT);
      String data = item.text(name);
      if (data != null) {
        found.add(new Media.Encoded(modality, files.any(item, name, data)));
      }
    }
    if (found.size() != 1) {
      throw item.refuse(
          "text", "An item of 'input' has one of 'text', 'image', 'audio' and 'video', no more.");
    }
    return found.getFirst();
  }

  void ocr(Exchange exchange) {
    Ticket ticket;
    MemorySegment image;
    if (exchange.hasForm()) {
      MultipartForm form = exchange.form();
      ticket = Ticket.of(exchange, form);
      image = form.file("file");
    } else {
      Fields fields = exchange.fields();
      ticket = Ticket.of(exchange, fields);
      SentFiles files = new SentFiles(remote, exchange);
      image = files.any(fields, "image", fields.requiredText("image"));
    }
    TextRecognition.Image page = new TextRecognition.Image.Encoded(image);
    Result<TextRecognition.Recognition> result =
        inside.whole(exchange, () -> host.recognize(ticket.call(page)));
    ObjectNode node = Json.object();
    node.put("object", "ocr");
    node.put("model", result.served().model());
    node.put("text", result.value().text());
    ArrayNode lines = node.putArray("lines");
    for (TextRecognition.Line line : result.value().lines()) {
      ObjectNode entry = lines.addObject();
      entry.put("text", line.text());
      entry.put("confidence", line.confidence());
      TextRecognition.Box box = line.box();
      entry.putArray("box").add(box.left()).add(box.top()).add(box.right()).add(box.bottom());
    }
    ticket.head(result.served()).answer(exchange, node);
  }
}
