package org.tantra.plugin.longvita;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.media.Picture;
import org.tantra.media.Pictures;
import org.tantra.nn.parity.Comparison;

/// Compares what becomes of a picture before the tower sees it: colours, resizing, tiles, and the
/// normalised numbers.
public final class PreprocessingParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("longvita-preprocess");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    return new Run(golden).compare();
  }

  private static final class Run {
    private final ParityCase golden;
    private final Settings expected;
    private final Comparison comparison;
    private final double equalShare;

    Run(ParityCase golden) {
      this.golden = golden;
      this.expected = golden.expected();
      boolean exact = !(expected.asMap().get("tolerance") instanceof Map);
      Settings tolerance = exact ? Settings.empty("exact") : expected.section("tolerance");
      this.equalShare = exact ? 1 : tolerance.number("u8_exact_fraction", 1);
      // One step of 255 in a picture is at most this much once it is normalised.
      double normalised = tolerance.number("pixel_values_max_abs", 0.02);
      this.comparison = new Comparison(golden, exact ? 0 : normalised, 0);
    }

    List<Finding> compare() {
      if (expected.has("files")) {
        for (String file : expected.section("files").keys()) {
          checkLevels(file, List.of(read(file)));
        }
      }
      if (expected.has("cases")) {
        tiles();
      }
      if (golden.checkpoint().file("input.png").isPresent()) {
        square();
      }
      return comparison.findings();
    }

    private Picture read(String file) {
      MemorySegment bytes =
          golden
              .checkpoint()
              .file(file)
              .orElseThrow(
                  () ->
                      new TantraException(
                          ErrorKind.NOT_FOUND,
                          "Golden case '%s' has no file '%s'.".formatted(golden.name(), file)));
      return Pictures.read(bytes, Preprocessing.DEEP_GREY);
    }

    private void checkLevels(String tensor, List<Picture> pictures) {
      comparison.checkRounded(tensor, levels(pictures), 1 - equalShare);
    }

    private static float[] levels(List<Picture> pictures) {
      int length = pictures.stream().mapToInt(picture -> picture.rgb().length).sum();
      float[] levels = new float[length];
      int at = 0;
      for (Picture picture : pictures) {
        for (byte level : picture.rgb()) {
          levels[at++] = level & 0xff;
        }
      }
      return levels;
    }

    private void square() {
      Preprocessing preprocessing = Preprocessing.longVita(sideOf("resized_448.png"));
      Picture squared = preprocessing.squared(read("input.png"));
      float[] expectedLevels = levels(List.of(read("resized_448.png")));
      comparison.checkRounded(
          "resized_448.png", levels(List.of(squared)), expectedLevels, 1 - equalShare);
      float[] values = preprocessing.normalised(squared);
      String every = "pixel_values.every_7th";
      comparison.check(every, everySeventh(values, squared.height(), squared.width()));
    }

    private int sideOf(String file) {
      return read(file).width();
    }

    private static float[] everySeventh(float[] values, int height, int width) {
      int rows = Math.ceilDiv(height, 7);
      int columns = Math.ceilDiv(width, 7);
      float[] some = new float[3 * rows * columns];
      int to = 0;
      for (int c = 0; c < 3; c++) {
        for (int y = 0; y < height; y += 7) {
          for (int x = 0; x < width; x += 7) {
            some[to++] = values[(c * height + y) * width + x];
          }
        }
      }
      return some;
    }

    private void tiles() {
      int side = expected.integer("image_size");
      int maximum = expected.integers("min_max_tiles").getLast();
      Tiling tiling = new Tiling(maximum, side);
      Preprocessing preprocessing = Preprocessing.longVita(side);
      List<Object> cases = expected.list("cases");
      for (int i = 0; i < cases.size(); i++) {
        Settings one = section(cases.get(i));
        Picture picture = read(one.text("file"));
        boolean dynamic = one.text("mode").equals("dynamic");
        List<Picture> parts =
            dynamic ? tiling.cut(picture) : List.of(preprocessing.squared(picture));
        if (dynamic) {
          Tiling.Grid grid = tiling.grid(picture.width(), picture.height());
          comparison.checkExactly(
              i + ".grid_cols_rows",
              new int[] {grid.columns(), grid.rows()},
              one.integers("grid_cols_rows").stream().mapToInt(Integer::intValue).toArray());
        }
        checkLevels(i + ".u8", parts);
        if (comparison.has(i + ".pixel_values")) {
          int stored = Math.toIntExact(comparison.info(i + ".pixel_values").shape().size(0));
          comparison.check(
              i + ".pixel_values",
              normalised(preprocessing, parts.subList(0, Math.min(stored, parts.size()))));
        }
      }
    }

    private static float[] normalised(Preprocessing preprocessing, List<Picture> parts) {
      List<float[]> all = new ArrayList<>();
      parts.forEach(part -> all.add(preprocessing.normalised(part)));
      float[] values = new float[all.stream().mapToInt(part -> part.length).sum()];
      int at = 0;
      for (float[] part : all) {
        System.arraycopy(part, 0, values, at, part.length);
        at += part.length;
      }
      return values;
    }

    private static Settings section(Object item) {
      return Settings.of("expected.json", Map.of("case", item)).section("case");
    }
  }
}
