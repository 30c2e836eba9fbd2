package org.tantra.host.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Modality;
import org.tantra.api.Prompt;

/// Reads `messages`.
final class ChatMessages {
  private ChatMessages() {}

  /// @param files of the same request
  static List<Prompt.Message> read(Fields fields, SentFiles files) {
    if (fields.value("messages") == null) {
      throw fields.missing("messages");
    }
    List<Fields> messages = fields.objects("messages");
    if (messages.isEmpty()) {
      throw fields.refuse("messages", "'messages' is empty; send at least one message.");
    }
    return messages.stream().map(message -> message(message, files)).toList();
  }

  private static Prompt.Message message(Fields fields, SentFiles files) {
    String named = fields.requiredText("role");
    Prompt.Role role =
        switch (named) {
          case "system", "developer" -> Prompt.Role.SYSTEM;
          case "user" -> Prompt.Role.USER;
          case "assistant" -> Prompt.Role.ASSISTANT;
          case "tool", "function" -> Prompt.Role.TOOL;
          default ->
              throw fields.refuse(
                  "role",
                  fields.name("role")
                      + " is '"
                      + named
                      + "'; it must be 'system', 'developer', 'user', 'assistant' or 'tool'.");
        };
    if (named.equals("tool")) {
      fields.requiredText("tool_call_id");
    }
    if (fields.holds("tool_calls") || fields.holds("function_call")) {
      throw fields.unsupported(
          fields.holds("tool_calls") ? "tool_calls" : "function_call",
          "No model of this host reads tool calls; leave them out of the conversation.");
    }
    return new Prompt.Message(role, content(fields, role, files));
  }

  private static List<Prompt.Part> content(Fields fields, Prompt.Role role, SentFiles files) {
    JsonNode content = fields.value("content");
    if (content == null) {
      String refusal = role == Prompt.Role.ASSISTANT ? fields.text("refusal") : null;
      if (refusal == null) {
        throw fields.missing("content");
      }
      return List.of(new Prompt.TextPart(refusal));
    }
    if (content.isTextual()) {
      return List.of(new Prompt.TextPart(content.textValue()));
    }
    if (!content.isArray()) {
      throw fields.wrong("content", "a text or an array of parts");
    }
    List<Prompt.Part> parts = new ArrayList<>(content.size());
    for (Fields part : fields.objects("content")) {
      parts.add(part(part, files));
    }
    return parts;
  }

  private static Prompt.Part part(Fields part, SentFiles files) {
    String type = part.requiredText("type");
    return switch (type) {
      case "text" -> new Prompt.TextPart(part.requiredText("text"));
      case "refusal" -> new Prompt.TextPart(part.requiredText("refusal"));
      case "image_url" -> image(inner(part, "image_url"), files);
      case "input_audio" -> audio(inner(part, "input_audio"), files);
      default ->
          throw part.unsupported(
              "type",
              part.name("type")
                  + " is '"
                  + type
                  + "'; parts can be 'text', 'image_url', 'input_audio' and 'refusal'.");
    };
  }

  private static Fields inner(Fields part, String name) {
    Fields inner = part.object(name);
    if (inner == null) {
      throw part.missing(name);
    }
    return inner;
  }

  private static Prompt.Part image(Fields image, SentFiles files) {
    return new Prompt.MediaPart(Modality.IMAGE, files.url(image, "url", image.requiredText("url")));
  }

  private static Prompt.Part audio(Fields audio, SentFiles files) {
    return new Prompt.MediaPart(
        Modality.AUDIO, files.base64(audio, "data", audio.requiredText("data")));
  }
}
