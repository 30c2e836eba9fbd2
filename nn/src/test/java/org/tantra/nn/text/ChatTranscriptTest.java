package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tantra.api.Prompt.Chat;
import org.tantra.api.Prompt.Message;
import org.tantra.api.Prompt.Role;

final class ChatTranscriptTest {
  @Test
  void turnsAreNamedAndTheAssistantIsNext() {
    assertEquals(
        """
        Be brief.

        User: What is a lease?
        Assistant: A right to use something for a while.
        User: And a drain?
        Assistant:\
        """,
        text(
            Message.of(Role.SYSTEM, "Be brief."),
            Message.of(Role.USER, "What is a lease?"),
            Message.of(Role.ASSISTANT, "A right to use something for a while."),
            Message.of(Role.USER, "And a drain?")));
  }

  @Test
  void openAssistantTurnIsContinued() {
    assertEquals(
        "User: Count.\nAssistant: One, two,",
        text(Message.of(Role.USER, "Count."), Message.of(Role.ASSISTANT, "One, two,")));
  }

  @Test
  void nobodyElseIsSpokenFor() {
    ChatTranscript transcript = ChatTranscript.of(new Chat(List.of(Message.of(Role.USER, "Hi"))));
    assertTrue(transcript.stop().contains("\nUser:"));
  }

  @Test
  void emptyConversationStillOpensATurn() {
    assertEquals("Assistant:", text());
  }

  private static String text(Message... messages) {
    return ChatTranscript.of(new Chat(List.of(messages))).text();
  }
}
