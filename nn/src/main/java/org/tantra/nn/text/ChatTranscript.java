package org.tantra.nn.text;

import java.util.List;
import java.util.Locale;
import org.tantra.api.ErrorKind;
import org.tantra.api.Prompt;
import org.tantra.api.TantraException;

/// A conversation written out as plain text, for base models that were never taught a chat
/// template.
///
/// ```
/// Be brief.
///
/// User: What is a lease?
/// Assistant: A right to use something for a while.
/// User: And a drain?
/// Assistant:
/// ```
///
/// System turns stand alone as paragraphs. If the last turn is the assistant's, the model continues
/// it instead of opening a new one.
///
/// @param text the prompt
/// @param stop texts by which the model would begin to speak for somebody else
public record ChatTranscript(String text, List<String> stop) {
  private static final List<String> NEXT_TURN = List.of("\nUser:", "\nTool:", "\nAssistant:");

  public ChatTranscript {
    stop = List.copyOf(stop);
  }

  /// @throws TantraException `UNSUPPORTED` if a turn holds an image, audio or video
  public static ChatTranscript of(Prompt.Chat chat) {
    StringBuilder text = new StringBuilder();
    Prompt.Role last = Prompt.Role.USER;
    for (Prompt.Message message : chat.messages()) {
      requireText(message);
      endLine(text);
      last = message.role();
      text.append(
          switch (last) {
            case SYSTEM -> message.text() + "\n\n";
            case USER -> "User: " + message.text();
            case ASSISTANT -> "Assistant: " + message.text();
            case TOOL -> "Tool: " + message.text();
          });
    }
    if (last != Prompt.Role.ASSISTANT) {
      endLine(text);
      text.append("Assistant:");
    }
    return new ChatTranscript(text.toString(), NEXT_TURN);
  }

  private static void endLine(StringBuilder text) {
    if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
      text.append('\n');
    }
  }

  private static void requireText(Prompt.Message message) {
    for (Prompt.Part part : message.parts()) {
      if (part instanceof Prompt.MediaPart media) {
        throw new TantraException(
                ErrorKind.UNSUPPORTED,
                "A message holds a part of type "
                    + media.modality().name().toLowerCase(Locale.ROOT)
                    + "; this model reads text only. Send text, or ask a multimodal model.")
            .about("messages");
      }
    }
  }
}
