<?php
// Makes the site of the tests, and prints an application password of its administrator.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
define('WP_INSTALLING', true);
require getenv('FILO_WP_SITE') . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', fn () => true);
wp_install('Cantina Roero', 'roero', 'roero@filo.example', true, '', 'its own password');
update_option('permalink_structure', '/%postname%/');
$user = get_user_by('login', 'roero');
[$password] = WP_Application_Passwords::create_new_application_password($user->ID, ['name' => 'the tests']);
echo $password;
