package org.tantra.plugin.longvita;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.tantra.media.Picture;

/// Cuts a picture into tiles of one size, in the grid that suits its proportions, with a small copy
/// of the whole before them.
///
/// @param maximum most tiles, without the small copy
/// @param side of a tile
record Tiling(int maximum, int side) {
  /// Context tokens of one tile, between a start and an end token.
  private static final int TOKENS_EACH = 256 + 2;

  /// A grid of tiles.
  record Grid(int columns, int rows) {
    int tiles() {
      return columns * rows;
    }

    private double proportion() {
      return (double) columns / rows;
    }
  }

  /// Every grid of at most [#maximum] tiles, small ones first.
  List<Grid> grids() {
    List<Grid> grids = new ArrayList<>();
    for (int columns = 1; columns <= maximum; columns++) {
      for (int rows = 1; columns * rows <= maximum; rows++) {
        grids.add(new Grid(columns, rows));
      }
    }
    grids.sort(Comparator.comparingInt(Grid::tiles));
    return grids;
  }

  /// The grid whose proportions are nearest; of several as near a later one, if the picture has
  /// more than half of its pixels.
  Grid grid(int width, int height) {
    double proportion = (double) width / height;
    Grid best = new Grid(1, 1);
    double nearest = Double.POSITIVE_INFINITY;
    for (Grid grid : grids()) {
      double distance = Math.abs(proportion - grid.proportion());
      boolean large = (double) width * height > 0.5 * side * side * grid.tiles();
      if (distance < nearest || (distance == nearest && large)) {
        nearest = distance;
        best = grid;
      }
    }
    return best;
  }

  /// How many pictures a grid becomes.
  static int pictures(Grid grid) {
    return grid.tiles() == 1 ? 1 : 1 + grid.tiles();
  }

  /// Context tokens a grid takes in the language model, a line break before each row of tiles.
  static int contextTokens(Grid grid) {
    return grid.tiles() == 1
        ? TOKENS_EACH
        : TOKENS_EACH + grid.rows() * (1 + grid.columns() * TOKENS_EACH);
  }

  /// The small copy first, then the tiles row by row; the picture alone if one tile is enough.
  List<Picture> cut(Picture picture) {
    Grid grid = grid(picture.width(), picture.height());
    Picture whole = BicubicResize.resized(picture, grid.columns() * side, grid.rows() * side);
    if (grid.tiles() == 1) {
      return List.of(whole);
    }
    List<Picture> pictures = new ArrayList<>();
    pictures.add(BicubicResize.resized(picture, side, side));
    for (int row = 0; row < grid.rows(); row++) {
      for (int column = 0; column < grid.columns(); column++) {
        pictures.add(tile(whole, column * side, row * side));
      }
    }
    return pictures;
  }

  private Picture tile(Picture whole, int left, int top) {
    byte[] rgb = new byte[3 * side * side];
    for (int y = 0; y < side; y++) {
      System.arraycopy(
          whole.rgb(), 3 * ((top + y) * whole.width() + left), rgb, 3 * y * side, 3 * side);
    }
    return new Picture(side, side, rgb);
  }
}
