package org.tantra.plugin.numpy.zip;

import java.lang.foreign.MemorySegment;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.tantra.api.TantraException;

/// Names of archive members: relative paths that cannot leave the folder they are unpacked to.
public final class ZipNames {
  private static final int LONGEST = 0xffff;

  private static final int MOST_SHOWN = 80;

  private ZipNames() {}

  /// Whether an archive can hold a member of this name: Unicode, at most 65535 bytes as UTF-8, no
  /// NUL, no backslash, no drive letter, not absolute, no component `.` or `..`.
  public static boolean isSafe(String name) {
    try {
      int bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name)).remaining();
      return bytes <= LONGEST && isRelative(name);
    } catch (CharacterCodingException _) {
      return false;
    }
  }

  private static boolean isRelative(String name) {
    if (name.isEmpty()
        || name.indexOf('\0') >= 0
        || name.indexOf('\\') >= 0
        || name.startsWith("/")
        || (name.length() > 1 && name.charAt(1) == ':' && Character.isLetter(name.charAt(0)))) {
      return false;
    }
    for (String component : name.split("/", -1)) {
      if (component.equals(".") || component.equals("..")) {
        return false;
      }
    }
    return true;
  }

  /// A name from an archive, in quotes, on one line and not too long for a message.
  public static String quoted(String name) {
    String shown = name.length() <= MOST_SHOWN ? name : name.substring(0, MOST_SHOWN) + "…";
    return "'" + shown.replaceAll("\\p{Cntrl}", "�") + "'";
  }

  static String decode(MemorySegment raw, long entryOffset, ZipRefusal refusal) {
    String name;
    try {
      name = StandardCharsets.UTF_8.newDecoder().decode(raw.asByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw unsafe("a name that is not UTF-8", entryOffset, refusal);
    }
    if (!isRelative(name)) {
      throw unsafe("the unsafe name " + quoted(name), entryOffset, refusal);
    }
    return name;
  }

  private static TantraException unsafe(String what, long entryOffset, ZipRefusal refusal) {
    return refusal.corrupt("the directory entry at byte " + entryOffset + " has " + what + ".");
  }
}
