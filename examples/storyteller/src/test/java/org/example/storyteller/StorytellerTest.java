package org.example.storyteller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tantra.api.FinishReason;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TextRequest;
import org.tantra.testkit.Answer;

final class StorytellerTest {
  private final Storyteller storyteller = new Storyteller(new Grammar());

  @Test
  void storyBeginsOnceUponATimeAndDoesNotEnd() {
    Answer story = tell("Please begin.", 1, 1_000);
    assertTrue(story.text().startsWith("Once upon a time there was "), story.text());
    assertEquals(FinishReason.LENGTH, story.finishReason());
    assertEquals(1_000, story.tokens().size());
  }

  @Test
  void sentencesAreWrittenAsSentences() {
    String story = tell("Please begin.", 2, 500).text();
    for (String sentence : story.substring(0, story.lastIndexOf('.')).split("\\. ")) {
      assertTrue(sentence.matches("[A-Z][a-z]*(,? [a-z]+)*"), sentence);
    }
  }

  @Test
  void seedAndPromptChooseTheStory() {
    String story = tell("Please begin.", 3, 60).text();
    assertNotEquals(story, tell("Please begin.", 4, 60).text());
    assertNotEquals(story, tell("Tell me of the sea.", 3, 60).text());
  }

  @Test
  void wholeStopTextIsFoundAcrossWords() {
    Sampling sampling = Sampling.DEFAULT.withSeed(5);
    Prompt prompt = new Prompt.Text("Please begin.");
    TextRequest request = new TextRequest(prompt, 60, sampling, List.of("a time th"), -1, false);
    assertEquals("Once upon ", Answer.to(request, storyteller).text());
  }

  private Answer tell(String prompt, long seed, int words) {
    TextRequest request = TextRequest.of(new Prompt.Text(prompt), words);
    return Answer.to(request.with(Sampling.DEFAULT.withSeed(seed)), storyteller);
  }
}
