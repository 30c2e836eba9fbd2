package org.tantra.plugin.whisper;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.text.BytePairScheme;
import org.tantra.nn.text.BytePairTokenizer;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// The vocabulary beside the weights: `vocab.json` with `merges.txt`, or a rank file of the
/// original project. Models for English only do without, since GPT-2's vocabulary is known; a
/// vocabulary too small for words is that of bytes.
final class VocabularyFiles {
  /// Names of rank files; the last one is ours, for other vocabularies.
  private static final List<String> RANK_FILES =
      List.of("multilingual.tiktoken", "gpt2.tiktoken", "vocab.tiktoken");

  private VocabularyFiles() {}

  /// @throws TantraException `NOT_FOUND` if there is none, naming the files; `CORRUPT` if they are
  ///   damaged or belong to another model
  static WhisperTokenizer read(Checkpoint checkpoint, WhisperConfig config) {
    int vocab = config.vocab();
    Map<String, Integer> added = new HashMap<>(TokenizerFiles.addedTokens(checkpoint));
    Optional<Tokenizer> published =
        TokenizerFiles.bytePair(
            BytePairScheme.GPT2, checkpoint, vocab, added, Set.of(), OptionalInt.empty());
    if (published.isPresent()) {
      checkpoint.json("vocab.json").ifPresent(json -> addAll(added, json));
      return new WhisperTokenizer(published.get(), specials(checkpoint, added, vocab));
    }
    for (String name : RANK_FILES) {
      Optional<MemorySegment> file = checkpoint.file(name);
      if (file.isPresent()) {
        String text = new String(file.get().toArray(ValueLayout.JAVA_BYTE), US_ASCII);
        if (file.get().isMapped()) {
          file.get().unload();
        }
        Tokenizer words = BytePairTokenizer.ofRanks(BytePairScheme.GPT2, name, text);
        return behind(words, words.vocab(), vocab, name);
      }
    }
    if (vocab == SpecialTokens.ENGLISH_VOCAB) {
      Tokenizer words = BytePairTokenizer.r50kBase();
      return behind(words, words.vocab() - 1, vocab, "GPT-2's vocabulary");
    }
    Optional<SpecialTokens> bytes = SpecialTokens.behind(ByteTokens.COUNT, vocab);
    if (bytes.isPresent()) {
      return new WhisperTokenizer(new ByteTokens(), bytes.get());
    }
    throw new TantraException(
        ErrorKind.NOT_FOUND,
        "Checkpoint '%s' has no vocabulary. Put vocab.json, merges.txt and added_tokens.json beside the weights (Hugging Face), or multilingual.tiktoken (whisper/assets of the original project)."
            .formatted(checkpoint.name()));
  }

  private static void addAll(Map<String, Integer> added, Settings vocabulary) {
    for (String token : vocabulary.keys()) {
      if (token.startsWith("<|") && token.endsWith("|>")) {
        added.putIfAbsent(token, vocabulary.integer(token));
      }
    }
  }

  private static SpecialTokens specials(
      Checkpoint checkpoint, Map<String, Integer> added, int vocab) {
    boolean multilingual =
        checkpoint
            .json("generation_config.json")
            .map(json -> json.flag("is_multilingual", vocab != SpecialTokens.ENGLISH_VOCAB))
            .orElse(vocab != SpecialTokens.ENGLISH_VOCAB);
    // In older files the end of text is an ordinary entry of the vocabulary's end.
    int words = vocab == SpecialTokens.ENGLISH_VOCAB ? 50_256 : 50_257;
    int end =
        added.getOrDefault(
            "<|endoftext|>", added.getOrDefault("<|startoftranscript|>", words + 1) - 1);
    return SpecialTokens.named(added, end, multilingual)
        .or(() -> SpecialTokens.behind(words, vocab))
        .filter(specials -> specials.firstTimestamp() < vocab)
        .orElseThrow(() -> mismatch("The tokenizer files of '" + checkpoint.name() + "'", vocab));
  }

  private static WhisperTokenizer behind(Tokenizer words, int count, int vocab, String name) {
    return new WhisperTokenizer(
        words, SpecialTokens.behind(count, vocab).orElseThrow(() -> mismatch(name, vocab)));
  }

  private static TantraException mismatch(String what, int vocab) {
    return new TantraException(
        ErrorKind.CORRUPT,
        "%s and the %d tokens of the weights do not belong together. Fetch the files of one model."
            .formatted(what, vocab));
  }
}
