package io.shopbridge.shopify.admin;

/** Shopify refuses what was asked, or its answer can't be read: asking the same again does not help. */
public final class AdminRefused extends AdminFailure {

    AdminRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
