/// Who answers: chains of candidates, the reasons why one declined, models loaded once and shared
/// by their requests, the memory budget and the circuit breakers.
@NullMarked
package org.tantra.host.resolve;

import org.jspecify.annotations.NullMarked;
