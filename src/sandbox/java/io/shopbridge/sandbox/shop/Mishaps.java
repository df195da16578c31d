package io.shopbridge.sandbox.shop;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/**
 * What befalls webhooks on their way, in percent of them: Shopify promises neither that each comes, nor that it comes
 * once, nor in which order. The same seed makes the same choices.
 *
 * @param lost never sent, and not repeated
 * @param late sent after up to {@value #MOST_HELD_BACK} later ones
 * @param doubled sent twice, the second time later
 * @see <a href="https://shopify.dev/docs/apps/build/webhooks/best-practices">Best practices</a>
 */
public record Mishaps(int lost, int late, int doubled, long seed) {

    /** Every webhook is sent once, in order. */
    public static final Mishaps NONE = new Mishaps(0, 0, 0, 0);

    private static final int MOST_HELD_BACK = 40;

    public Mishaps {
        if (lost < 0 || late < 0 || doubled < 0 || lost + late + doubled > 100) {
            throw new IllegalArgumentException("lost, late and doubled are percents of all webhooks, together at most"
                    + " 100, and were " + lost + ", " + late + " and " + doubled);
        }
    }

    /** These events in the order in which they arrive. */
    public List<ShopEvent> of(List<ShopEvent> events) {
        Way<ShopEvent> way = new Way<>(this);
        List<ShopEvent> arrived = new ArrayList<>();
        events.forEach(event -> arrived.addAll(way.enter(event)));
        arrived.addAll(way.rest());
        return arrived;
    }

    /** The way of webhooks; one thread at a time. */
    static final class Way<T> {

        private record Held<T>(T one, long due) {
        }

        private final Mishaps mishaps;
        private final Random random;
        private final List<Held<T>> held = new ArrayList<>();
        private long entered;

        Way(Mishaps mishaps) {
            this.mishaps = mishaps;
            this.random = new Random(mishaps.seed());
        }

        /** What arrives now that this one sets out: it, not it, and others that were held back. */
        List<T> enter(T one) {
            entered++;
            List<T> arriving = new ArrayList<>();
            int dice = random.nextInt(100);
            long later = entered + 1 + random.nextInt(MOST_HELD_BACK);
            if (dice >= mishaps.lost() + mishaps.late()) {
                arriving.add(one);
            }
            if (dice >= mishaps.lost() && dice < mishaps.lost() + mishaps.late() + mishaps.doubled()) {
                held.add(new Held<>(one, later));
            }
            for (Iterator<Held<T>> each = held.iterator(); each.hasNext();) {
                Held<T> next = each.next();
                if (next.due() <= entered) {
                    arriving.add(next.one());
                    each.remove();
                }
            }
            return arriving;
        }

        /** All that is still held back. */
        List<T> rest() {
            List<T> rest = held.stream().map(Held::one).toList();
            held.clear();
            return rest;
        }

        boolean isHeld(T one) {
            return held.stream().anyMatch(each -> each.one().equals(one));
        }
    }
}
