package io.shopbridge.receive;

import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** How Camel's HTTP routes run on the web server. */
@Configuration
class WebhookServer {

    @Bean("platform-http-engine")
    PlatformHttpEngine platformHttpEngine(WebhookEntrance entrance) {
        return entrance;
    }

    /** Before every other filter: none of them has anything to do with a webhook. */
    @Bean
    FilterRegistrationBean<WebhookEntrance> webhookEntrance(WebhookEntrance entrance) {
        FilterRegistrationBean<WebhookEntrance> registration = new FilterRegistrationBean<>(entrance);
        registration.addUrlPatterns(WebhookEntrance.ROOT + "*");
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }
}
