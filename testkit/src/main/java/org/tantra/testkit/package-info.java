/// What tests of the host and of plugins share: contracts every plugin must pass, fixtures, a clock
/// that is set by hand.
@NullMarked
package org.tantra.testkit;

import org.jspecify.annotations.NullMarked;
