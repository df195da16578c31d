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
        /** It is all of an entity, and is divided into windows of one page. */
        PLAN,
        /** The shop lists its first page. */
        LIST,
        /** It has more than one page in the shop: both sides count it, and it is divided again. */
        COUNT,
        /** It is one second, or one id, and can't be divided: the shop lists all of it. */
        PAGE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Step of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** As many as a page of ids has. */
    static final int PAGE = 250;
    /** Records of the mirror in a window at first: some may be missing here, so that a page still holds them all. */
    static final int AT_FIRST = 220;

    static Window all(String entity, Span span) {
        return new Window(0, entity, span, Step.PLAN);
    }

    /** What is done with it where its first page was not all of it. */
    Window larger() {
        return new Window(0, entity, span, span.high() - span.low() > 1 ? Step.COUNT : Step.PAGE);
    }

    /**
     * Its parts, to be listed.
     *
     * @param bounds where they begin, apart from the first
     */
    List<Window> parts(Collection<Long> bounds) {
        TreeSet<Long> all = new TreeSet<>(bounds);
        all.removeIf(bound -> bound <= span.low() || bound >= span.high());
        all.add(span.high());
        List<Window> parts = new ArrayList<>();
        long low = span.low();
        for (long bound : all) {
            parts.add(new Window(0, entity, new Span(low, bound), Step.LIST));
            low = bound;
        }
        return parts;
    }

    /** Its parts where it can't stay as it is: halves if there are no bounds within it. */
    List<Window> smaller(Collection<Long> bounds) {
        List<Window> parts = parts(bounds);
        return parts.size() > 1 ? parts : parts(List.of(span.low() + (span.high() - span.low()) / 2));
    }
}
