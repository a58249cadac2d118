import type { identity as en } from "../en/identity";

export const identity: typeof en = {
  keyLost: "Tôi đã mất khoá khôi phục",
  keyLostTitle: "Không có khoá khôi phục",
  keyLostWhy:
    "Chỉ riêng mật khẩu không mở được tài khoản: nếu không, kẻ lấy trộm nó có thể đọc và viết dưới tên bạn. Cần có khoá khôi phục, hoặc một thiết bị của bạn.",
  keyLostDevice: "Bạn vẫn còn một thiết bị đang đăng nhập",
  keyLostDeviceHow:
    "Thiết bị đó có thể cho thiết bị này vào: hãy liên kết hai thiết bị. Sau đó tạo khoá khôi phục mới: trên thiết bị bạn có từ trước, mở Cài đặt, rồi Khoá khôi phục, và chọn “Tôi đã mất khoá khôi phục”.",
  keyLostNone: "Bạn không còn thiết bị nào như vậy",
  keyLostNoneHow:
    "Khi đó không ai mở được tài khoản này, chúng tôi cũng không. Hãy tìm lại 24 từ một lần nữa. Nếu chúng đã mất, hãy đăng xuất và tạo tài khoản mới; những người bạn quen có thể nhắn cho bạn ở đó.",
  identityWhat:
    "Không có các từ cũ thì không thể tạo từ mới cho danh tính bạn đang có. Thay vào đó, bạn có thể tạo một danh tính mới cho cùng tài khoản, với khoá khôi phục riêng. Thiết bị này giữ nguyên tin nhắn, và bạn giữ các cuộc trò chuyện. Không thể hoàn tác.",
  identityContacts:
    "Mọi người bạn trò chuyện cùng được báo rằng khoá của bạn đã đổi, và không nhắn cho bạn được cho đến khi họ tiếp tục với khoá mới. Ai đã so số an toàn với bạn thì phải so lại.",
  identityDevices:
    "Mọi thiết bị khác của bạn bị đăng xuất ngay. Chúng trở lại bằng cách liên kết, hoặc với khoá khôi phục mới.",
  identityOld:
    "Khoá khôi phục cũ và bản sao lưu dưới khoá đó không mở được gì nữa. Những tin nhắn chỉ mở được nhờ chúng sẽ không đọc lại được.",
  identityConfirm: "Tên người dùng của bạn, để chắc chắn: {username}",
  identityYes: "Tạo danh tính mới",
};
