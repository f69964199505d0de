<?php
// A WordPress of the tests' own: where its database and its folders are stands in the environment.
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . getenv('FILO_WP_SOCKET'));
define('DB_CHARSET', 'utf8mb4');
define('WP_SITEURL', getenv('FILO_WP_URL'));
define('WP_HOME', getenv('FILO_WP_URL'));
define('WP_CONTENT_DIR', getenv('FILO_WP_CONTENT'));
define('WP_ENVIRONMENT_TYPE', 'local'); // application passwords without TLS
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY'] as $name) {
    define($name, "$name of a test");
}
$table_prefix = 'wp_';
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
