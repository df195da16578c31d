package io.shopbridge.map;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.thisptr.jackson.jq.Scope;

/**
 * Finds calls of functions that don't exist in jq text. jackson-jq notices them only when the branch is evaluated,
 * perhaps months later; so the names are checked as soon as the text is read.
 */
final class FunctionNames {

    private static final Set<String> KEYWORDS = Set.of("if", "then", "elif", "else", "end", "as", "def", "reduce",
            "foreach", "try", "catch", "label", "import", "include", "and", "or", "not", "null", "true", "false",
            "break", "__loc__");
    /** A mapping sees its record and nothing else: not the environment, not the clock, not standard input. */
    private static final Set<String> NOT_ALLOWED = Set.of("env", "ENV", "input", "inputs", "debug", "stderr", "now",
            "input_line_number", "input_filename", "halt", "halt_error", "get_search_list", "localtime");
    private static final Pattern DEFINED = Pattern.compile("\\bdef\\s+(\\w+)\\s*(?:\\(([^)]*)\\))?");
    private static final Pattern NAME = Pattern.compile("(?<![\\w.$@])([A-Za-z_]\\w*)(?!\\w|\\s*:(?!:))|\\$(ENV)\\b");

    private FunctionNames() {
    }

    static Optional<String> firstUnknown(String jq, Scope scope) {
        String code = withoutTexts(jq);
        Set<String> known = new HashSet<>(KEYWORDS);
        Matcher defined = DEFINED.matcher(code);
        while (defined.find()) {
            known.add(defined.group(1));
            if (defined.group(2) != null) {
                for (String parameter : defined.group(2).split(";")) {
                    known.add(parameter.strip());
                }
            }
        }
        Matcher names = NAME.matcher(code);
        while (names.find()) {
            String name = names.group(1) == null ? names.group(2) : names.group(1);
            if (NOT_ALLOWED.contains(name) || !known.contains(name) && !exists(name, scope)
                    && !isObjectKey(code, names.start(), names.end())) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }

    private static boolean exists(String name, Scope scope) {
        for (int arguments = 0; arguments <= 6; arguments++) {
            if (scope.getFunction(name, arguments) != null) {
                return true;
            }
        }
        return false;
    }

    /** In {@code {a, b}} the names are fields, not functions. */
    private static boolean isObjectKey(String code, int start, int end) {
        String before = code.substring(0, start).stripTrailing();
        String after = code.substring(end).stripLeading();
        return (before.endsWith("{") || before.endsWith(",")) && (after.startsWith("}") || after.startsWith(","));
    }

    /** The code with texts blanked and without comments, but with what is interpolated into them kept. */
    private static String withoutTexts(String jq) {
        StringBuilder code = new StringBuilder(jq.length());
        blank(jq, 0, false, code);
        return code.toString();
    }

    private static int blank(String jq, int from, boolean interpolated, StringBuilder code) {
        int depth = 0;
        int i = from;
        while (i < jq.length()) {
            char c = jq.charAt(i);
            if (c == '"') {
                i = blankText(jq, i + 1, code);
                continue;
            }
            if (c == '#') {
                // A comment goes to the end of its line.
                int end = jq.indexOf('\n', i);
                i = end < 0 ? jq.length() : end;
                continue;
            }
            if (c == '(') {
                depth++;
            } else if (c == ')' && interpolated && depth-- == 0) {
                return i + 1;
            }
            code.append(c);
            i++;
        }
        return i;
    }

    private static int blankText(String jq, int from, StringBuilder code) {
        code.append("\"\"");
        int i = from;
        while (i < jq.length() && jq.charAt(i) != '"') {
            if (jq.startsWith("\\(", i)) {
                code.append(" (");
                i = blank(jq, i + 2, true, code);
                code.append(") ");
            } else {
                i += jq.charAt(i) == '\\' ? 2 : 1;
            }
        }
        return i + 1;
    }
}
