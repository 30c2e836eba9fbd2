package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PatternCostTest {
  /// Of GPT-2, GPT-4, Llama 3, GPT-4o, DeepSeek and Falcon, and some simple ones.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r"
            + "\\n"
            + "\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r"
            + "\\n"
            + "]*|\\s*[\\r"
            + "\\n"
            + "]+|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r"
            + "\\n"
            + "\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r"
            + "\\n"
            + "]*+|\\s*[\\r"
            + "\\n"
            + "]|\\s+(?!\\S)|\\s+",
        "[^\\r"
            + "\\n"
            + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r"
            + "\\n"
            + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t)?|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r"
            + "\\n"
            + "/]*|\\s*[\\r"
            + "\\n"
            + "]+|\\s+(?!\\S)|\\s+",
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r"
            + "\\n"
            + "\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r"
            + "\\n"
            + "]*|\\s*[\\r"
            + "\\n"
            + "]+|\\s+(?!\\S)|\\s+",
        "[0-9][0-9][0-9]",
        "\\s?\\p{L}+",
        " ?[^(\\s|[.,!?…。，、।۔،])]+",
        "(?i)ab|\\x{41}c",
        "\\s+"
      })
  void patternsOfPublishedTokenizersPass(String pattern) {
    // A possessive bound is Oniguruma's repetition of a repetition, and not read.
    String readable = pattern.replace("{1,3}+", "{1,3}");
    assertEquals(Optional.empty(), PatternCost.refusal(readable));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+$",
        "(x+x+)+y",
        "(a|aa)+(?=b)",
        "a*a*b",
        "\\s+a*\\s+b",
        "(?:a?a?a?a?a?){5}b",
        "a?a?a?a?a?a?a?a?a*b",
        "(a)\\1",
        "(?>a*)b",
        "(?<n>a)\\g<n>",
        "a++*",
        "a{2}{3}",
        "a**",
        "(a|b)(a|b)(a|b)(a|b)c*d",
        "a(?i)b|c",
        "a{1,999}a{1,999}a{1,999}b",
        "(?<=a)b",
        "\\Kx"
      })
  void patternsThatMayRetraceForLongAreRefused(String pattern) {
    assertTrue(PatternCost.refusal(pattern).isPresent(), pattern);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a*", "a|", "(?=a)", "\\b", "(a", "a)", "[a", "[", "(?", "\\", "\\p{L", "*"})
  void patternsThatMatchNothingOrAreBrokenAreRefused(String pattern) {
    assertTrue(PatternCost.refusal(pattern).isPresent(), pattern);
  }
}
