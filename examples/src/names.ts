/** The names that the examples signal and count under, as in the article. */
export const chatName = 'example::chat';
export const clockName = 'example::notify';
export const countName = 'chatbot::linecount';
