package io.shopbridge.deliver;

import io.shopbridge.doorbell.Doorbell;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Lets one batch at a time look for its records in a CRM that allows few searches, and the next one when the next search
 * is allowed. If all threads waited for searches, the changes of records that the CRM has would wait with them; and what
 * is claimed late shares the search with more.
 */
@Component
class SearchTurns {

    private final Doorbell doorbell;
    /** All three by the name of the doorbell of a CRM and entity; times of {@link System#nanoTime}. */
    private final Map<String, Long> nextAt = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final Set<String> turnedAway = new HashSet<>();

    SearchTurns(Doorbell doorbell) {
        this.doorbell = doorbell;
    }

    /** A turn, which whoever took it must {@link #end}. */
    final class Turn {
        private final String bell;
        private final long beganAt = System.nanoTime();
        private boolean over;

        private Turn(String bell) {
            this.bell = bell;
        }

        /** Its batch has records that are searched; without this, nothing keeps the next one waiting. */
        void searches(Duration untilNext) {
            synchronized (SearchTurns.this) {
                nextAt.put(bell, beganAt + untilNext.toNanos());
            }
        }

        void end() {
            synchronized (SearchTurns.this) {
                if (!over) {
                    over = true;
                    taken.remove(bell);
                    if (turnedAway.contains(bell)) {
                        ringForNext(bell);
                    }
                }
            }
        }
    }

    /** Empty where another batch has the turn, or no search is allowed yet: the doorbell rings when one may come. */
    synchronized Optional<Turn> take(String bell) {
        boolean isFree = !taken.contains(bell);
        if (isFree && untilNext(bell) <= 0) {
            taken.add(bell);
            return Optional.of(new Turn(bell));
        }
        if (turnedAway.add(bell) && isFree) {
            ringForNext(bell);
        }
        return Optional.empty();
    }

    private long untilNext(String bell) {
        return nextAt.containsKey(bell) ? nextAt.get(bell) - System.nanoTime() : 0;
    }

    private void ringForNext(String bell) {
        CompletableFuture.delayedExecutor(Math.max(0, untilNext(bell)), TimeUnit.NANOSECONDS).execute(() -> {
            synchronized (this) {
                turnedAway.remove(bell);
            }
            doorbell.ringHere(bell);
        });
    }
}
