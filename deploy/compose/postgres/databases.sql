-- analytics-service has the database that the image creates, notification-service this.
CREATE DATABASE notification;
