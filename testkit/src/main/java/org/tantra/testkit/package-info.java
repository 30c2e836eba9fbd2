/// Contract tests that every plugin must pass, ours and third parties', and what such tests need: a
/// plugin's test class extends the contract of its extension point and names a fixture.
@NullMarked
package org.tantra.testkit;

import org.jspecify.annotations.NullMarked;
