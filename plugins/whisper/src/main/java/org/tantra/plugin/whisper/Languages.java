package org.tantra.plugin.whisper;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The languages of the published vocabularies in the order of their tokens, by code, and what else
/// people call them.
final class Languages {
  private static final String TABLE =
      """
      en=english,zh=chinese|mandarin,de=german,es=spanish|castilian,ru=russian,ko=korean,
      fr=french,ja=japanese,pt=portuguese,tr=turkish,pl=polish,ca=catalan|valencian,
      nl=dutch|flemish,ar=arabic,sv=swedish,it=italian,id=indonesian,hi=hindi,fi=finnish,
      vi=vietnamese,he=hebrew,uk=ukrainian,el=greek,ms=malay,cs=czech,
      ro=romanian|moldavian|moldovan,da=danish,hu=hungarian,ta=tamil,no=norwegian,th=thai,
      ur=urdu,hr=croatian,bg=bulgarian,lt=lithuanian,la=latin,mi=maori,ml=malayalam,cy=welsh,
      sk=slovak,te=telugu,fa=persian,lv=latvian,bn=bengali,sr=serbian,az=azerbaijani,
      sl=slovenian,kn=kannada,et=estonian,mk=macedonian,br=breton,eu=basque,is=icelandic,
      hy=armenian,ne=nepali,mn=mongolian,bs=bosnian,kk=kazakh,sq=albanian,sw=swahili,
      gl=galician,mr=marathi,pa=punjabi|panjabi,si=sinhala|sinhalese,km=khmer,sn=shona,
      yo=yoruba,so=somali,af=afrikaans,oc=occitan,ka=georgian,be=belarusian,tg=tajik,sd=sindhi,
      gu=gujarati,am=amharic,yi=yiddish,lo=lao,uz=uzbek,fo=faroese,ht=haitian creole|haitian,
      ps=pashto|pushto,tk=turkmen,nn=nynorsk,mt=maltese,sa=sanskrit,
      lb=luxembourgish|letzeburgesch,my=myanmar|burmese,bo=tibetan,tl=tagalog,mg=malagasy,
      as=assamese,tt=tatar,haw=hawaiian,ln=lingala,ha=hausa,ba=bashkir,jw=javanese,
      su=sundanese,yue=cantonese
      """;

  /// Languages without spaces between words.
  private static final Set<String> UNSPACED = Set.of("zh", "ja", "th", "lo", "my", "yue");

  private static final Map<String, String> CODE_OF = new LinkedHashMap<>();
  private static final List<String> CODES;

  static {
    List<String> entries = List.of(TABLE.replace("\n", "").split(",", -1));
    CODES = entries.stream().map(entry -> entry.substring(0, entry.indexOf('='))).toList();
    for (String entry : entries) {
      String code = entry.substring(0, entry.indexOf('='));
      for (String name : entry.substring(code.length() + 1).split("\\|", -1)) {
        CODE_OF.put(name, code);
      }
    }
  }

  private Languages() {}

  /// All codes, `en` first.
  static List<String> codes() {
    return CODES;
  }

  /// Codes by name in English.
  static Map<String, String> names() {
    return CODE_OF;
  }

  /// The code that somebody means with a code or a name, in any case; a region (`pt-BR`) is left
  /// out.
  static Optional<String> code(String said) {
    String lower = said.strip().toLowerCase(Locale.ROOT);
    if (CODE_OF.containsKey(lower)) {
      return Optional.ofNullable(CODE_OF.get(lower));
    }
    String code = lower.replaceFirst("[-_].*", "");
    return CODES.contains(code) ? Optional.of(code) : Optional.empty();
  }

  /// Whether words are told apart by the spaces between them.
  static boolean spaced(String code) {
    return !UNSPACED.contains(code);
  }
}
