import type { chats as en } from "../en/chats";

export const chats: typeof en = {
  chats: "Trò chuyện",
  newChat: "Trò chuyện mới",
  newChatHint: "Tên người dùng, đúng như họ đã cho bạn",
  start: "Bắt đầu",
  noChats: "Chưa có cuộc trò chuyện",
  noChatsHint: "Hãy bắt đầu: bạn cần tên người dùng của người kia.",
  pickChat: "Chọn một cuộc trò chuyện",
  request: "muốn nhắn cho bạn",
  accept: "Đồng ý",
  decline: "Từ chối",
  leftChat: "Bạn không còn trong cuộc trò chuyện này.",
  unread: { one: "{count} tin chưa đọc", other: "{count} tin chưa đọc" },
};
