export const chats = {
  chats: "Chats",
  newChat: "New chat",
  newChatHint: "Username, exactly as they told you",
  start: "Start",
  noChats: "No chats yet",
  noChatsHint: "Start one: you need the other person's username.",
  pickChat: "Choose a chat",
  request: "wants to write to you",
  accept: "Accept",
  decline: "Decline",
  leftChat: "You are no longer in this chat.",
  unread: { one: "{count} unread message", other: "{count} unread messages" },
};
