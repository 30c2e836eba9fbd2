package org.tantra.host.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.host.config.Configurations;
import org.tantra.host.config.ServeConfig;

/// Reads the body of `POST /v1/chat/completions`.
final class ChatRequest {
  private static final int MAXIMUM_TOP_LOGPROBS = 20;

  private ChatRequest() {}

  /// @param configs what models add when fields are not there
  /// @param files of the same request
  static Ask read(Fields fields, Configurations configs, SentFiles files) {
    String model = Ask.model(fields);
    ServeConfig serving = configs.serving(model);
    boolean stream = fields.flag("stream", false);
    boolean includeUsage = Ask.includeUsage(fields, stream);
    List<Prompt.Message> messages = ChatMessages.read(fields, files);
    refuseWhatNoModelCanDo(fields);

    boolean logprobs = fields.flag("logprobs", false);
    int top = fields.integer("top_logprobs", 0, 0, MAXIMUM_TOP_LOGPROBS);
    if (top > 0 && !logprobs) {
      throw fields.refuse("top_logprobs", "'top_logprobs' needs 'logprobs' to be true.");
    }
    Sampling sampling = SamplingFields.sampling(fields, serving);
    List<String> stop = SamplingFields.stop(fields);
    int n = fields.integer("n", 1, 1, SamplingFields.MAXIMUM_CHOICES);
    Integer said = maxTokens(fields);
    Integer maxTokens = said == null ? serving.maxTokens() : said;

    List<TextRequest> choices = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      choices.add(
          new TextRequest(
              new Prompt.Chat(messages),
              maxTokens,
              SamplingFields.ofChoice(sampling, i),
              stop,
              logprobs ? top : -1,
              false));
    }
    return new Ask(model, choices, n, n, Ask.fallback(fields), stream, includeUsage, logprobs);
  }

  private static @org.jspecify.annotations.Nullable Integer maxTokens(Fields fields) {
    String name =
        fields.value("max_completion_tokens") != null ? "max_completion_tokens" : "max_tokens";
    Integer value = fields.integer(name);
    if (value != null && value < 1) {
      throw fields.refuse(name, "'" + name + "' is " + value + "; it must be 1 or more.");
    }
    return value;
  }

  /// Nothing of the kind is ignored silently: a caller that asks for JSON and gets prose is worse
  /// off than one that gets an error.
  private static void refuseWhatNoModelCanDo(Fields fields) {
    Fields format = fields.object("response_format");
    if (format != null) {
      String type = format.requiredText("type");
      if (!Set.of("text", "json_object", "json_schema").contains(type)) {
        throw format.refuse(
            "type",
            "'response_format.type' is '"
                + type
                + "'; it must be 'text', 'json_object' or 'json_schema'.");
      }
      if (!type.equals("text")) {
        throw fields.unsupported(
            "response_format",
            "No model of this host can be held to JSON ('response_format' is '"
                + type
                + "'). Ask for text, and for JSON in the prompt.");
      }
    }
    for (String name : List.of("tools", "functions")) {
      if (fields.holds(name)) {
        throw fields.unsupported(
            name, "No model of this host calls tools; leave '" + name + "' away.");
      }
    }
    for (String name : List.of("tool_choice", "function_call")) {
      JsonNode choice = fields.value(name);
      if (choice != null
          && !(choice.isTextual() && Set.of("none", "auto").contains(choice.textValue()))) {
        throw fields.unsupported(
            name, "No model of this host calls tools; leave '" + name + "' away.");
      }
    }
    for (String modality : fields.texts("modalities")) {
      if (!modality.equals("text")) {
        throw new TantraException(
                ErrorKind.UNSUPPORTED,
                "'modalities' asks for '" + modality + "'; chat answers with text only.")
            .about("modalities")
            .withCode("unsupported_value");
      }
    }
  }
}
