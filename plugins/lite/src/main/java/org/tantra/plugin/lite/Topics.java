package org.tantra.plugin.lite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which documents have which words. Immutable; safe from any thread.
///
/// Words are compared by their first letters in lower case, so that `river` finds `rivers`. A
/// shared word counts the more, the fewer texts of its kind (prose, answers, questions) have it:
/// inverse document frequency.
final class Topics {
  private static final Pattern WORD = Pattern.compile("[a-z]+");
  private static final int STEM_LETTERS = 5;

  /// How steeply a document's weight rises with the rarity of the words it shares; chosen by eye.
  private static final double STEEPNESS = 2.2;

  /// A word of the question says more about a dialogue than a word of its answer.
  private static final double ANSWER_WORD = 0.5;

  /// How many times the opening of an answer to any question outweighs another document while no
  /// word is shared: enough for a handful of them to outweigh all others together.
  private static final double ANY_QUESTION = 400;

  private final Set<String> commonWords;
  private final Map<String, Postings> postings = new HashMap<>();
  private final float[] priors;

  /// Documents that have a word, and what the word adds to their score.
  private static final class Postings {
    final int[] documents;
    final float[] scores;

    Postings(Map<Integer, Double> found) {
      documents = new int[found.size()];
      scores = new float[found.size()];
      int i = 0;
      for (Map.Entry<Integer, Double> entry : found.entrySet()) {
        documents[i] = entry.getKey();
        scores[i] = entry.getValue().floatValue();
        i++;
      }
    }
  }

  Topics(Corpus corpus) {
    List<Corpus.Document> documents = corpus.documents();
    commonWords = corpus.commonWords();
    priors = new float[documents.size() + 1];
    List<String> prose = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    List<String> questions = new ArrayList<>();
    for (int i = 0; i < documents.size(); i++) {
      Corpus.Document document = documents.get(i);
      priors[i] = document.fitsAnyQuestion() ? (float) StrictMath.log(ANY_QUESTION) : 0;
      boolean dialogue = !document.question().isEmpty();
      prose.add(document.cue().isEmpty() ? document.text() : "");
      answers.add(dialogue ? document.text() : "");
      questions.add(document.question());
    }
    Map<String, Map<Integer, Double>> found = new HashMap<>();
    collect(found, prose, 1);
    collect(found, answers, ANSWER_WORD);
    collect(found, questions, 1);
    found.forEach((stem, scores) -> postings.put(stem, new Postings(scores)));
  }

  /// Finds the words of one kind of text, each scored by its rarity among texts of that kind.
  private void collect(Map<String, Map<Integer, Double>> found, List<String> texts, double worth) {
    Map<String, Set<Integer>> where = new HashMap<>();
    int count = 0;
    for (int document = 0; document < texts.size(); document++) {
      if (texts.get(document).isEmpty()) {
        continue;
      }
      count++;
      Matcher words = WORD.matcher(texts.get(document).toLowerCase(Locale.ROOT));
      while (words.find()) {
        String lower = words.group();
        if (!commonWords.contains(lower)) {
          where.computeIfAbsent(stem(lower), _ -> new HashSet<>()).add(document);
        }
      }
    }
    for (Map.Entry<String, Set<Integer>> entry : where.entrySet()) {
      double score = worth * STEEPNESS * StrictMath.log((double) count / entry.getValue().size());
      Map<Integer, Double> scores = found.computeIfAbsent(entry.getKey(), _ -> new TreeMap<>());
      entry.getValue().forEach(document -> scores.merge(document, score, Math::max));
    }
  }

  private static String stem(String lower) {
    return lower.substring(0, Math.min(STEM_LETTERS, lower.length()));
  }

  /// How many numbers of documents there are, that for no topic included.
  int documents() {
    return priors.length;
  }

  /// Logarithm of a document's weight before any word was read.
  float prior(int document) {
    return priors[document];
  }

  /// Fades all scores and adds what a word says about each document; a word that says nothing
  /// changes nothing.
  ///
  /// @return whether the word says anything
  boolean read(String word, float[] scores, float fading) {
    String lower = word.toLowerCase(Locale.ROOT);
    Postings found = commonWords.contains(lower) ? null : postings.get(stem(lower));
    if (found == null) {
      return false;
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] *= fading;
    }
    for (int i = 0; i < found.documents.length; i++) {
      scores[found.documents[i]] += found.scores[i];
    }
    return true;
  }

  /// Bytes held, the strings and maps by their usual size on a 64-bit machine.
  long bytes() {
    long bytes = 4L * priors.length;
    for (Postings found : postings.values()) {
      bytes += 176 + 8L * found.documents.length;
    }
    return bytes + 104L * commonWords.size();
  }
}
