package org.tantra.plugin.lite;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// The text that `text-lite` has read: original prose and short dialogues, shipped in the jar.
///
/// Files are plain ASCII, documents are separated by an empty line. A prose document is one
/// paragraph; its line breaks count as spaces. A dialogue is a question and an answer:
///
/// ```
/// User: How does rain form?
/// Assistant: Rain begins with the sun.
/// ```
///
/// @param documents all documents
/// @param commonWords words that say nothing about what a text is about
/// @param digest SHA-256 of all files, in hexadecimal digits
record Corpus(List<Document> documents, Set<String> commonWords, String digest) {
  private static final List<String> PROSE =
      List.of("nature.txt", "science.txt", "home.txt", "places.txt", "work.txt", "stories.txt");
  private static final List<String> DIALOGUES = List.of("dialogues.txt", "unknown.txt");
  private static final String COMMON_WORDS = "common-words.txt";
  private static final String USER = "User:";

  /// What stands before an answer. The model reads it but never writes it.
  static final String ASSISTANT = "Assistant:";

  Corpus {
    documents = List.copyOf(documents);
    commonWords = Set.copyOf(commonWords);
  }

  /// One unit that is told from beginning to end.
  ///
  /// @param cue what must stand at the beginning of the line for this to follow: [#ASSISTANT] for
  ///   an answer, nothing for prose
  /// @param text what the model may write
  /// @param question what an answer answers; empty for prose, and for answers that fit any question
  record Document(String cue, String text, String question) {
    /// Whether this is for questions that nothing else fits.
    boolean fitsAnyQuestion() {
      return !cue.isEmpty() && question.isEmpty();
    }
  }

  /// Reads the corpus from the jar.
  static Corpus read() {
    MessageDigest digest = sha256();
    List<Document> documents = new ArrayList<>();
    for (String file : PROSE) {
      for (String paragraph : paragraphs(file, digest)) {
        documents.add(new Document("", paragraph.replace('\n', ' '), ""));
      }
    }
    for (String file : DIALOGUES) {
      for (String paragraph : paragraphs(file, digest)) {
        documents.add(dialogue(file, paragraph));
      }
    }
    String words = resource(COMMON_WORDS, digest);
    return new Corpus(
        documents, Set.of(words.strip().split("\\s+")), HexFormat.of().formatHex(digest.digest()));
  }

  private static Document dialogue(String file, String paragraph) {
    int end = paragraph.indexOf('\n' + ASSISTANT);
    if (!paragraph.startsWith(USER) || end < 0) {
      throw damaged("Corpus file '" + file + "' holds a dialogue without question and answer.");
    }
    String answer = paragraph.substring(end + 1 + ASSISTANT.length());
    String question = paragraph.substring(USER.length(), end).strip();
    return new Document(ASSISTANT, answer.replace('\n', ' '), question);
  }

  private static String[] paragraphs(String file, MessageDigest digest) {
    return resource(file, digest).strip().split("\n\n+");
  }

  private static String resource(String file, MessageDigest digest) {
    try (InputStream in = Corpus.class.getResourceAsStream("corpus/" + file)) {
      if (in == null) {
        throw damaged("The plugin's jar lacks corpus file '" + file + "'.");
      }
      byte[] bytes = in.readAllBytes();
      digest.update(bytes);
      return new String(bytes, UTF_8);
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.CORRUPT, "Corpus file '" + file + "' in the plugin's jar cannot be read.", e);
    }
  }

  private static TantraException damaged(String what) {
    return new TantraException(ErrorKind.CORRUPT, what + " Build or fetch the jar again.");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
