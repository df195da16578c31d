package io.shopbridge.shopify.admin;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many records are asked for together. Where Shopify fails on some, half as many are asked for, until the record on
 * which it fails is alone. Every process finds that for itself, and begins anew after its start.
 */
public final class Together {

    private final int most;
    private final Map<String, Size> sizes = new ConcurrentHashMap<>();

    /** @param answers in a row since it was halved */
    private record Size(int records, int answers) {
    }

    /** @param most where nothing failed */
    public Together(int most) {
        this.most = most;
    }

    /** How many are asked for now. */
    public int of(String what) {
        Size size = sizes.get(what);
        return size == null ? most : size.records();
    }

    /** Shopify failed on so many together; of one alone it is known now, and the others are asked for as before. */
    public void failed(String what, int records) {
        if (records <= 1) {
            sizes.remove(what);
        } else {
            sizes.put(what, new Size(records / 2, 0));
        }
    }

    /** Twice in a row: what Shopify failed on is not among them, or it was a passing fault. */
    public void answered(String what) {
        sizes.computeIfPresent(what, (name, size) -> size.answers() == 0 ? new Size(size.records(), 1)
                : size.records() * 2 >= most ? null : new Size(size.records() * 2, 0));
    }
}
