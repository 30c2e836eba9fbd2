package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// What a text model is asked to continue.
public sealed interface Prompt {
  /// Plain text, tokenised by the model.
  record Text(String text) implements Prompt {
    public Text {
      requireNonNull(text, "text");
    }
  }

  /// Token ids of the model's own tokenizer.
  record Tokens(List<Integer> ids) implements Prompt {
    public Tokens {
      ids = List.copyOf(ids);
    }
  }

  /// A conversation; the model writes it out by its own template.
  record Chat(List<Message> messages) implements Prompt {
    public Chat {
      messages = List.copyOf(messages);
    }
  }

  /// Who says something in a conversation.
  enum Role {
    SYSTEM,
    USER,
    ASSISTANT,
    TOOL
  }

  /// One turn of a conversation.
  record Message(Role role, List<Part> parts) {
    public Message {
      requireNonNull(role, "role");
      parts = List.copyOf(parts);
    }

    /// A turn of text only.
    public static Message of(Role role, String text) {
      return new Message(role, List.of(new TextPart(text)));
    }

    /// The text parts, joined by line breaks.
    public String text() {
      StringBuilder text = new StringBuilder();
      for (Part part : parts) {
        if (part instanceof TextPart(String piece)) {
          text.append(text.isEmpty() ? "" : "\n").append(piece);
        }
      }
      return text.toString();
    }
  }

  /// A piece of a turn.
  sealed interface Part {}

  /// Text of a turn.
  record TextPart(String text) implements Part {
    public TextPart {
      requireNonNull(text, "text");
    }
  }

  /// An image, audio or video of a turn, as an encoded file.
  record MediaPart(Modality modality, MemorySegment bytes) implements Part {
    public MediaPart {
      requireNonNull(modality, "modality");
      requireNonNull(bytes, "bytes");
    }
  }
}
