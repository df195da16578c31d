package io.shopbridge.shopify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in a GraphQL text of fragments, with their lines. It is read without a GraphQL parser, which would cost every
 * start a quarter of a second.
 */
final class FragmentText {

    private static final Pattern TOKEN = Pattern.compile("\\.\\.\\.|[{}]|\\w+|\n");
    private static final Pattern ARGUMENTS = Pattern.compile("\\([^)]*\\)");
    private static final String SPREAD = "...";
    private static final String NODES = "nodes";

    /**
     * A name with what stands in the braces behind it. What an inline fragment asks for stands beside the rest.
     *
     * @param line    of the text, 0 is the first
     * @param spreads names of the fragments that are spread in it
     */
    record Block(String name, int line, List<Block> inside, List<String> spreads) {

        private Block(String name, int line) {
            this(name, line, new ArrayList<>(), new ArrayList<>());
        }
    }

    private final Map<String, Block> fragments = new HashMap<>();
    private final Matcher tokens;
    private Block first;
    private String token;
    private int line;

    private FragmentText(String code) {
        this.tokens = TOKEN.matcher(ARGUMENTS.matcher(code).replaceAll(
                arguments -> "\n".repeat((int) arguments.group().chars().filter(c -> c == '\n').count())));
    }

    /** @param code whose braces match, without texts and comments */
    static FragmentText read(String code) {
        FragmentText text = new FragmentText(code);
        text.next();
        while (text.token != null) {
            text.fragment();
        }
        return text;
    }

    /** The fragment that the others serve. */
    Block first() {
        return first;
    }

    Iterable<Block> fragments() {
        return fragments.values();
    }

    /** The field of this name right inside, or in a fragment that is spread there. */
    Optional<Block> field(Block inside, String name) {
        return inside.inside.stream().filter(one -> one.name.equals(name)).findFirst().or(() -> inside.spreads.stream()
                .filter(fragments::containsKey).flatMap(one -> field(fragments.get(one), name).stream()).findFirst());
    }

    /** The field that a path leads to, as in {@code refunds.refundLineItems.id}; a connection's nodes are no step. */
    Optional<Block> at(Block from, String path) {
        Optional<Block> found = Optional.of(from);
        for (String name : path.split("\\.")) {
            found = found.flatMap(one -> field(one, NODES).or(() -> Optional.of(one))).flatMap(one -> field(one, name));
        }
        return found;
    }

    private void fragment() {
        String name = next();       // after the word fragment
        next();                     // on
        next();                     // the type
        Block fragment = new Block(name, line);
        if (next() != null) {
            read(fragment);
            fragments.put(name, fragment);
            first = first == null ? fragment : first;
        }
        next();
    }

    /** From an opening brace to its closing one. */
    private void read(Block into) {
        for (String one = next(); one != null && !one.equals("}"); one = next()) {
            if (one.equals("{")) {
                read(into.inside.isEmpty() ? into : into.inside.get(into.inside.size() - 1));
            } else if (!one.equals(SPREAD)) {
                into.inside.add(new Block(one, line));
            } else if (next() != null && token.equals("on")) {
                next();
                next();
                read(into);
            } else {
                into.spreads.add(token);
            }
        }
    }

    private String next() {
        do {
            token = tokens.find() ? tokens.group() : null;
            line += "\n".equals(token) ? 1 : 0;
        } while ("\n".equals(token));
        return token;
    }
}
