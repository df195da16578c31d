package io.shopbridge.sandbox;

import io.shopbridge.operate.Security;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** Asks nobody for a password. It stands beside the simulators, so that an image without them can't be opened. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@Profile("sandbox")
class OpenToEverybody {

    /** Comes before the one that asks for the operator's password. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    SecurityFilterChain open(HttpSecurity http) throws Exception {
        return Security.stateless(http).authorizeHttpRequests(requests -> requests.anyRequest().permitAll()).build();
    }
}
