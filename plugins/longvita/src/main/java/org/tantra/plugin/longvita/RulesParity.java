package org.tantra.plugin.longvita;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// Compares the whole-number rules: grids and context tokens of tiled pictures, frames of video
/// files and of folders.
public final class RulesParity implements ParityCheck {
  private static final int SIDE = 448;

  @Override
  public Set<String> families() {
    return Set.of("longvita-rules");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    List<Finding> findings = new ArrayList<>();
    Settings tiling = golden.expected().section("tiling");
    for (String key : tiling.keys()) {
      Tiling rule = new Tiling(Integer.parseInt(key.replaceAll("\\D", "")), SIDE);
      Settings section = tiling.section(key);
      findings.add(equal(key + ".target_ratios", sorted(rule.grids()), ratios(section)));
      for (Settings one : sections(section.list("cases"))) {
        List<Integer> size = one.integers("size");
        Tiling.Grid grid = rule.grid(size.get(0), size.get(1));
        findings.add(
            equal(
                key + "." + size,
                List.of(
                    grid.columns(), grid.rows(), Tiling.pictures(grid), Tiling.contextTokens(grid)),
                List.of(
                    one.integers("cols_rows").get(0),
                    one.integers("cols_rows").get(1),
                    one.integer("images"),
                    one.integer("tokens"))));
      }
    }
    for (Settings one : sections(golden.expected().list("video_file"))) {
      FrameChoice choice = new FrameChoice(one.integer("max_num_frame"), one.number("max_fps"));
      int frames = one.integer("frames_in_file");
      findings.add(
          equal(
              "video_file." + frames,
              choice.ofFile(frames, one.number("fps")),
              one.integers("indices")));
    }
    for (Settings one : sections(golden.expected().list("frame_folder"))) {
      FrameChoice choice = new FrameChoice(one.integer("max_num_frame"), one.number("max_fps"));
      int files = one.integer("files");
      List<Integer> selected =
          one.texts("selected").stream()
              .map(name -> Integer.parseInt(name.replaceAll("\\D", "")) - 1)
              .toList();
      findings.add(equal("frame_folder." + files, choice.ofFolder(files), selected));
    }
    if (findings.isEmpty()) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED, "Golden case '" + golden.name() + "' holds no rules to compare.");
    }
    return findings;
  }

  /// Grids of as many tiles have no order of their own in the reference.
  private static List<String> sorted(List<Tiling.Grid> grids) {
    return grids.stream().map(grid -> grid.columns() + "x" + grid.rows()).sorted().toList();
  }

  private static List<String> ratios(Settings section) {
    return section.list("target_ratios").stream()
        .map(pair -> Settings.of("expected.json", Map.of("ratio", pair)).integers("ratio"))
        .map(pair -> pair.get(0) + "x" + pair.get(1))
        .sorted()
        .toList();
  }

  private static List<Settings> sections(List<Object> items) {
    return items.stream()
        .map(item -> Settings.of("expected.json", Map.of("case", item)).section("case"))
        .toList();
  }

  private static Finding equal(String output, List<?> actual, List<?> expected) {
    int differing = Math.abs(actual.size() - expected.size());
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      differing += actual.get(i).equals(expected.get(i)) ? 0 : 1;
    }
    return new Finding(output, differing, differing, differing == 0, "exact");
  }
}
