package io.shopbridge.receive;

import jakarta.servlet.DispatcherType;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.springboot.SpringBootPlatformHttpEngine;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.DelegatingFilterProxyRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Web server settings for requests from anyone, and for Camel's HTTP routes. */
@Configuration
class WebhookServer {

    /**
     * Routes run on the web server's own request threads: its pool is the only limit of parallel requests, and a
     * webhook needs no second thread to wait for its commit.
     */
    @Bean("platform-http-engine")
    PlatformHttpEngine platformHttpEngine(@Value("${server.port:8080}") int port, WebhookRoute route) {
        return new WebhookEngine(new SpringBootPlatformHttpEngine(port, Runnable::run), route);
    }

    /** Before Spring Security's filters, which refuse headers in their own way, and all that parse a body. */
    @Bean
    DelegatingFilterProxyRegistrationBean webhookDoorRegistration() {
        DelegatingFilterProxyRegistrationBean door = new DelegatingFilterProxyRegistrationBean("webhookFilter");
        door.addUrlPatterns("/webhooks", "/webhooks/*");
        door.setDispatcherTypes(DispatcherType.REQUEST);
        door.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return door;
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> closingOnUnreadBodies() {
        return server -> server.addEngineValves(new UnreadBodyValve());
    }
}
