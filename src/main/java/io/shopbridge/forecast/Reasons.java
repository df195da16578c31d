package io.shopbridge.forecast;

import java.util.regex.Pattern;

/** Why records would be rejected, said so that many records share a reason and none of their values is in it. */
final class Reasons {

    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"?");
    private static final int LONGEST = 200;

    private Reasons() {
    }

    /** The sentence with what it quotes left out. */
    static String withoutValues(String because) {
        String line = because.lines().findFirst().orElse("no reason given");
        String said = QUOTED.matcher(line).replaceAll("\"…\"").replaceAll("\\d{3,}", "…");
        return said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said;
    }
}
