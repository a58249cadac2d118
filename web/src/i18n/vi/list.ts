import type { list as en } from "../en/list";

export const list: typeof en = {
  messages: "Tin nhắn",
  newMessages: "Tin nhắn mới",
  toEnd: "Đến tin nhắn mới nhất.",
  search: "Tìm kiếm",
  searchHint: "Tìm cuộc trò chuyện và tin nhắn",
  searchIn: "Tìm trong cuộc trò chuyện này",
  searchMessages: "Tin nhắn",
  searchNothing: "Không tìm thấy gì trên thiết bị này.",
  searchHits: "Số tin tìm thấy: {count}",
  searchGoing: "Đang tìm…",
  searchChats: "Cuộc trò chuyện",
  mentioned: "Có người nhắc đến bạn",
  mute: "Tắt tiếng",
  unmute: "Bật tiếng",
  muted: "Đã tắt tiếng",
  yourMessage: "Bạn: {text}",
  loadingChats: "Đang tải các cuộc trò chuyện",
};
