package io.shopbridge.receive;

import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.springboot.SpringBootPlatformHttpEngine;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** How Camel's HTTP routes run on the web server. */
@Configuration
class WebhookServer {

    /**
     * Routes run on the web server's own request threads: its pool is the one limit of what is under way, and a webhook
     * needs no second thread to wait for its commit.
     */
    @Bean("platform-http-engine")
    PlatformHttpEngine platformHttpEngine(@Value("${server.port:8080}") int port) {
        return new SpringBootPlatformHttpEngine(port, Runnable::run);
    }
}
