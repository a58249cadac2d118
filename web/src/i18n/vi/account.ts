import type { account as en } from "../en/account";

export const account: typeof en = {
  register: "Tạo tài khoản",
  signIn: "Đăng nhập",
  signInAgain: "Đăng nhập lại",
  revokedHere:
    "Thiết bị này đã bị đăng xuất. Những tin nhắn nó đã nhận vẫn nằm trong trình duyệt này, được mã hoá, cho đến khi bạn xoá.",
  signOut: "Đăng xuất",
  signOutWarning: "Tin nhắn trên thiết bị này sẽ bị xoá. Các thiết bị khác của bạn vẫn giữ tin nhắn.",
  username: "Tên người dùng",
  usernameHint: "3 đến 32 ký tự: a-z, 0-9, dấu chấm, gạch nối, gạch dưới",
  password: "Mật khẩu",
  passwordHint: "Ít nhất 8 ký tự",
  haveAccount: "Tôi đã có tài khoản",
  noAccount: "Tôi là người mới",
  recoveryTitle: "Khoá khôi phục của bạn",
  recoveryWhy:
    "24 từ này mở tài khoản khi bạn mất mọi thiết bị. Chúng chỉ hiện một lần và không được lưu ở đâu. Hãy chép ra giấy.",
  recoveryWritten: "Tôi đã chép xong",
  recoveryCheck: "Gõ các từ có số sau",
  recoveryWord: "Từ số {number}",
  recoveryWrong: "Không đúng các từ đó. Hãy xem lại.",
  recoveryBack: "Hiện lại các từ",
  recoveryDone: "Xong",
  unlinkedTitle: "Thiết bị này chưa đọc được",
  unlinkedWhy: "Nhập khoá khôi phục để thiết bị này trở thành của bạn.",
  recover: "Dùng khoá khôi phục",
  recoveryKey: "Khoá khôi phục (24 từ)",
  wordMistyped: "Từ số {place}, “{typed}”, bị gõ sai.",
  wordMeant: "Có phải bạn muốn gõ “{meant}”?",
  tooManyDevices:
    "Tài khoản của bạn có quá nhiều thiết bị. Hãy đăng xuất bớt một thiết bị trước, trên thiết bị bạn đang dùng.",
};
