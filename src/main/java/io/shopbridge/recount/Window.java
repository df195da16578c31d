package io.shopbridge.recount;

import io.shopbridge.mirror.Span;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Some of a shop's records, and what is to be done with them next.
 *
 * @param id   of its row; 0: it has none yet
 * @param span the seconds of their last change, or their ids
 */
record Window(long id, String entity, Span span, Step step) {

    /** What is done with a window. */
    enum Step {
        /** It is all of an entity, and becomes windows of some hundreds of records. */
        PLAN,
        /** Both sides count it. */
        COUNT,
        /** The shop lists it. */
        LIST;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Step of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** What the numbers of a window mean. */
    enum Verdict { EQUAL, LIST, SPLIT, ABSENT, NOT_SHOWN }

    /** As many as a page of ids has. */
    static final int PAGE = 250;
    /** Into so many a window is divided in which the numbers differ. */
    static final int PARTS = 20;
    /** A shop of no more records is listed at once: that costs less than to count it. */
    static final int SMALL = 5_000;
    /** Windows of all of an entity, at the beginning: one in a few thousand records, so that few differences cancel out. */
    static final int MOST_AT_FIRST = 400;

    static Window all(String entity, Span span) {
        return new Window(0, entity, span, Step.PLAN);
    }

    /** What to do where the shop and the mirror have so many. */
    Verdict verdict(long shop, long mirror) {
        if (shop == mirror) {
            return Verdict.EQUAL;
        }
        if (Math.max(shop, mirror) <= PAGE || span.high() - span.low() <= 1) {
            return Verdict.LIST;
        }
        // What was never brought in, or what the app may not read, is not looked for one by one.
        return mirror == 0 ? Verdict.ABSENT : shop == 0 ? Verdict.NOT_SHOWN : Verdict.SPLIT;
    }

    /** How many windows all of an entity becomes, of which the mirror has so many. */
    static int first(long mirror) {
        return (int) Math.max(1, Math.min(MOST_AT_FIRST, mirror / PAGE));
    }

    /** The window, to be listed. */
    Window listed() {
        return new Window(0, entity, span, Step.LIST);
    }

    /**
     * Its parts.
     *
     * @param bounds where they begin, apart from the first; halves where there is none within the window
     */
    List<Window> parts(Collection<Long> bounds, Step next) {
        TreeSet<Long> all = new TreeSet<>(bounds);
        all.removeIf(bound -> bound <= span.low() || bound >= span.high());
        if (all.isEmpty() && step == Step.COUNT) {
            all.add(span.low() + (span.high() - span.low()) / 2);
        }
        all.add(span.high());
        List<Window> parts = new ArrayList<>();
        long low = span.low();
        for (long bound : all) {
            parts.add(new Window(0, entity, new Span(low, bound), next));
            low = bound;
        }
        return parts;
    }
}
