package io.shopbridge.operate;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may use the API, the console and the metrics. There is no default password.
 *
 * @param username for HTTP Basic
 * @param password plain, or hashed with its kind before it, as in {@code {bcrypt}$2a$10$…}; usually from the
 *                 environment variable SHOPBRIDGE_OPERATOR_PASSWORD
 */
@ConfigurationProperties("shopbridge.operator")
record OperatorSettings(@DefaultValue("operator") String username, String password) {

    @Override
    public String toString() {
        return "OperatorSettings[username=" + username + "]";
    }
}
