package org.tantra.plugin.coqui;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Numbers as English words, the way the reference implementation reads them: times, amounts of
/// money, ordinals, years, decimals.
final class EnglishNumbers {
  private static final String[] UNITS = {
    "",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen"
  };
  private static final String[] TENS = {
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"
  };
  private static final String[] THOUSANDS = {
    "",
    " thousand",
    " million",
    " billion",
    " trillion",
    " quadrillion",
    " quintillion",
    " sextillion",
    " septillion",
    " octillion",
    " nonillion",
    " decillion"
  };
  private static final Map<String, String> ORDINALS =
      Map.of(
          "one", "first", "two", "second", "three", "third", "five", "fifth", "eight", "eighth",
          "nine", "ninth", "twelve", "twelfth");

  private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.CASE_INSENSITIVE;
  private static final Pattern TIME =
      Pattern.compile("\\b(0?[0-9]|1[0-9]|2[0-3]):([0-5][0-9])\\s*(am|pm)?\\b", FLAGS);
  private static final Pattern WITH_COMMAS = Pattern.compile("[0-9][0-9,]+[0-9]");
  private static final Pattern MONEY = Pattern.compile("([£$¥])([0-9,.]*[0-9]+)");
  private static final Pattern DECIMAL = Pattern.compile("[0-9]+\\.[0-9]+");
  private static final Pattern ORDINAL = Pattern.compile("([0-9]+)(?:st|nd|rd|th)");
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+");

  private EnglishNumbers() {}

  /// Names of a currency: of 1, of several, of a hundredth, of several hundredths.
  private record Currency(String one, String several, String cent, String cents) {}

  private static final Map<String, Currency> CURRENCIES =
      Map.of(
          "$", new Currency("dollar", "dollars", "cent", "cents"),
          "£", new Currency("pound sterling", "pounds sterling", "penny", "pence"),
          "¥", new Currency("yen", "yen", "sen", "sen"));

  /// Writes out times of day, such as `4:05 pm`; those without am or pm get what fits.
  static String expandTimes(String text) {
    return TIME.matcher(text).replaceAll(EnglishNumbers::time);
  }

  private static String time(MatchResult match) {
    int hour = Integer.parseInt(match.group(1));
    int minute = Integer.parseInt(match.group(2));
    StringBuilder words = new StringBuilder();
    words.append(cardinal(hour > 12 ? hour - 12 : hour == 0 ? 12 : hour, "and"));
    if (minute > 0) {
      words.append(minute < 10 ? " oh " : " ").append(cardinal(minute, "and"));
    }
    String half = match.group(3);
    // Midnight counts as past noon, as in the reference implementation.
    String said = half == null ? (hour >= 12 || hour == 0 ? "pm" : "am") : half;
    return words + " " + said.charAt(0) + " " + said.charAt(1);
  }

  /// Writes out all numbers that are left.
  static String expand(String text) {
    String plain = WITH_COMMAS.matcher(text).replaceAll(match -> match.group().replace(",", ""));
    String unpriced = MONEY.matcher(plain).replaceAll(match -> money(match));
    String whole =
        DECIMAL.matcher(unpriced).replaceAll(match -> match.group().replace(".", " point "));
    String counted = ORDINAL.matcher(whole).replaceAll(match -> ordinal(match.group(1)));
    return NUMBER.matcher(counted).replaceAll(match -> number(new BigInteger(match.group())));
  }

  private static String money(MatchResult match) {
    Currency currency = CURRENCIES.get(match.group(1));
    String value = match.group(2);
    String[] parts = value.replace(",", "").split("\\.", -1);
    if (currency == null || parts.length > 2) {
      return value + " " + (currency == null ? "" : currency.several);
    }
    List<String> said = new ArrayList<>();
    BigInteger whole = amount(parts[0]);
    if (whole.signum() > 0) {
      said.add(whole + " " + (whole.equals(BigInteger.ONE) ? currency.one : currency.several));
    }
    BigInteger cents = parts.length == 2 ? amount(parts[1]) : BigInteger.ZERO;
    if (cents.signum() > 0) {
      said.add(cents + " " + (cents.equals(BigInteger.ONE) ? currency.cent : currency.cents));
    }
    return said.isEmpty() ? "zero " + currency.several : String.join(" ", said);
  }

  private static BigInteger amount(String digits) {
    return digits.isEmpty() ? BigInteger.ZERO : new BigInteger(digits);
  }

  private static String ordinal(String digits) {
    String words = cardinal(new BigInteger(digits), "and");
    int last = Math.max(words.lastIndexOf(' '), words.lastIndexOf('-')) + 1;
    String word = words.substring(last);
    String known = ORDINALS.get(word);
    String ordinal =
        known != null
            ? known
            : word.endsWith("y") ? word.substring(0, word.length() - 1) + "ieth" : word + "th";
    return words.substring(0, last) + ordinal;
  }

  /// Between 1000 and 3000 as years are read.
  private static String number(BigInteger number) {
    int year = number.bitLength() < 31 ? number.intValue() : 0;
    if (year <= 1000 || year >= 3000) {
      return cardinal(number, "");
    }
    if (year == 2000) {
      return "two thousand";
    }
    if (year > 2000 && year < 2010) {
      return "two thousand " + UNITS[year % 100];
    }
    String century = belowThousand(year / 100, "");
    int rest = year % 100;
    return century
        + (rest == 0 ? " hundred" : (rest < 10 ? " oh " : " ") + belowThousand(rest, ""));
  }

  private static String cardinal(int number, String and) {
    return cardinal(BigInteger.valueOf(number), and);
  }

  /// @param and what stands after hundreds, and before a rest without hundreds
  private static String cardinal(BigInteger number, String and) {
    if (number.signum() == 0) {
      return "zero";
    }
    String digits = number.abs().toString();
    String sign = number.signum() < 0 ? "minus " : "";
    if (digits.length() > 3 * THOUSANDS.length) {
      return sign + digitByDigit(digits);
    }
    StringBuilder words = new StringBuilder();
    int groups = Math.ceilDiv(digits.length(), 3);
    for (int group = groups - 1; group >= 0; group--) {
      int end = digits.length() - 3 * group;
      int value = Integer.parseInt(digits.substring(Math.max(0, end - 3), end));
      if (value > 0) {
        boolean bareRest = group == 0 && value < 100;
        String joint = and.isEmpty() ? " " : " " + and + " ";
        words.append(words.isEmpty() ? "" : bareRest ? joint : ", ");
        words.append(belowThousand(value, and)).append(THOUSANDS[group]);
      }
    }
    return sign + words;
  }

  private static String belowThousand(int value, String and) {
    StringBuilder words = new StringBuilder();
    int rest = value % 100;
    if (value >= 100) {
      words.append(UNITS[value / 100]).append(" hundred");
      if (rest > 0) {
        words.append(and.isEmpty() ? " " : " " + and + " ");
      }
    }
    if (rest < UNITS.length) {
      return words.append(UNITS[rest]).toString();
    }
    return words
        .append(TENS[rest / 10])
        .append(rest % 10 > 0 ? "-" : "")
        .append(UNITS[rest % 10])
        .toString();
  }

  private static String digitByDigit(String digits) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < digits.length(); i++) {
      char digit = digits.charAt(i);
      words.add(digit == '0' ? "zero" : UNITS[digit - '0']);
    }
    return String.join(" ", words);
  }
}
