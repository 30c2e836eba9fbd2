package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.parity.Comparison;

/// Compares cleaned texts, vocabularies and character ids with the reference, character by
/// character.
public final class TextParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("coqui-text");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    Settings expected = golden.expected();
    Comparison comparison = new Comparison(golden, 0, 0);
    List<Settings> cleaned = sections(expected.list("cleaners"));
    for (int i = 0; i < cleaned.size(); i++) {
      clean(comparison, cleaned.get(i), i);
    }
    Settings vocabularies = expected.section("vocabularies");
    for (String name : vocabularies.keys()) {
      List<String> actual = ids(vocabularies, name, Settings.empty("options")).vocabulary();
      List<String> wanted = vocabularies.section(name).texts("vocab");
      comparison.checkExactly(
          "vocabulary " + name, codes(String.join("|", actual)), codes(String.join("|", wanted)));
    }
    for (Settings entry : sections(expected.list("tokenize_english_cleaners"))) {
      CharacterIds ids = ids(vocabularies, entry.text("characters"), entry.section("options"));
      comparison.checkExactly(
          "ids of '" + entry.text("text") + "'",
          ids.of(entry.text("text")),
          entry.integers("ids").stream().mapToInt(Integer::intValue).toArray());
    }
    return comparison.findings();
  }

  private static void clean(Comparison comparison, Settings entry, int index) {
    for (String key : entry.keys()) {
      if (!key.endsWith("_cleaners")) {
        continue;
      }
      TextCleaner cleaner =
          TextCleaner.named(key)
              .orElseThrow(
                  () ->
                      new TantraException(
                          ErrorKind.UNSUPPORTED, "There is no cleaner '" + key + "' here."));
      comparison.checkExactly(
          "cleaners." + index + "." + key,
          codes(cleaner.clean(entry.text("text"))),
          codes(entry.text(key)));
    }
  }

  private static CharacterIds ids(Settings vocabularies, String name, Settings options) {
    Object config = vocabularies.section(name).asMap().get("config");
    Settings characters =
        config instanceof Map
            ? vocabularies.section(name).section("config")
            : Settings.empty("defaults of the library");
    return CharacterIds.of(
        TextCleaner.ENGLISH,
        characters,
        options.flag("add_blank", false),
        options.flag("use_eos_bos", false));
  }

  private static List<Settings> sections(List<Object> values) {
    List<Settings> sections = new ArrayList<>();
    for (Object value : values) {
      sections.add(Settings.of("expected.json", Map.of("entry", value)).section("entry"));
    }
    return sections;
  }

  private static int[] codes(String text) {
    return text.codePoints().toArray();
  }
}
